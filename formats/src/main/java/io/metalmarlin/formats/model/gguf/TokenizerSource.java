package io.metalmarlin.formats.model.gguf;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.container.Containers;
import io.metalmarlin.formats.container.gguf.Gguf;
import io.metalmarlin.formats.container.gguf.GgufCheckpoint;
import io.metalmarlin.formats.container.gguf.GgufValue;
import io.metalmarlin.formats.json.JsonFiles;
import io.metalmarlin.formats.model.ModelConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// The tokenizer keys of a GGUF file, from the model it is made of: a GGUF file's own are carried
/// over, a folder's `tokenizer.json` is translated.
final class TokenizerSource {
  private static final long MAX_BYTES = 256L << 20;
  private static final String PREFIX = "tokenizer.";

  private TokenizerSource() {}

  /// @param source model folder or GGUF file
  /// @throws MarlinException `FILE_MISSING` when there is no tokenizer, `TOKENIZER_MALFORMED`
  static Map<String, GgufValue> keys(Path source, ModelConfig config) {
    Path file = source.resolve("tokenizer.json");
    if (Files.exists(file)) {
      return TokenizerKeys.of(
          file,
          JsonFiles.readObject(file, MAX_BYTES),
          optional(source.resolve("tokenizer_config.json")),
          config,
          template(source.resolve("chat_template.jinja")));
    }
    if (Containers.of(source) != Gguf.INSTANCE) {
      throw new MarlinException(
          ErrorCode.FILE_MISSING,
          file.toString(),
          "is missing: a GGUF file holds its tokenizer",
          "Put the tokenizer files of the original model beside the weights.");
    }
    try (GgufCheckpoint gguf = Gguf.INSTANCE.open(source)) {
      Map<String, GgufValue> keys = new LinkedHashMap<>();
      gguf.typedMetadata()
          .values()
          .forEach((key, value) -> {
            if (key.startsWith(PREFIX)) {
              keys.put(key, value);
            }
          });
      return keys;
    }
  }

  private static ObjectNode optional(Path file) {
    return Files.exists(file)
        ? JsonFiles.readObject(file, MAX_BYTES)
        : JsonMapper.shared().createObjectNode();
  }

  private static Optional<String> template(Path file) {
    try {
      return Files.exists(file) ? Optional.of(Files.readString(file)) : Optional.empty();
    } catch (IOException e) {
      throw new MarlinException(
          ErrorCode.FILE_UNREADABLE,
          file.toString(),
          "cannot be read: " + e.getMessage(),
          "Check the file and its permissions.",
          e);
    }
  }
}
