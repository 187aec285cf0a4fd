package io.metalmarlin.formats.model.gguf;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.container.Containers;
import io.metalmarlin.formats.container.InputFailure;
import io.metalmarlin.formats.container.gguf.Gguf;
import io.metalmarlin.formats.container.gguf.GgufCheckpoint;
import io.metalmarlin.formats.container.gguf.GgufValue;
import io.metalmarlin.formats.json.JsonFiles;
import io.metalmarlin.formats.model.ModelConfig;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// The tokenizer keys of a GGUF file, from the model it is made of: a GGUF file's own are carried
/// over, a folder's `tokenizer.json` or SentencePiece file is translated.
final class TokenizerSource {
  private static final long MAX_BYTES = 256L << 20;
  private static final String PREFIX = "tokenizer.";

  /// The names that SentencePiece files have.
  private static final List<String> PIECES = List.of("tokenizer.model", "spiece.model");

  private TokenizerSource() {}

  /// @param source model folder or GGUF file
  /// @throws MarlinException `FILE_MISSING` when there is no tokenizer, `TOKENIZER_MALFORMED`
  static Map<String, GgufValue> keys(Path source, ModelConfig config) {
    Path file = source.resolve("tokenizer.json");
    Optional<Path> pieces =
        PIECES.stream().map(source::resolve).filter(Files::isRegularFile).findFirst();
    ObjectNode settings = optional(source.resolve("tokenizer_config.json"));
    Optional<String> template = template(source.resolve("chat_template.jinja"));
    if (Files.exists(file)) {
      ObjectNode tokenizer = JsonFiles.readObject(file, MAX_BYTES);
      // Beside a byte-level tokenizer such a file is another library's.
      Optional<SentencePieceModel> model =
          pieces
              .filter(p -> TokenizerKeys.isSentencePiece(tokenizer))
              .map(SentencePieceModel::read);
      return TokenizerKeys.of(file, tokenizer, settings, config, template, model);
    }
    if (pieces.isPresent()) {
      refuseRanks(pieces.get());
      SentencePieceModel model = SentencePieceModel.read(pieces.get());
      ObjectNode added = optional(source.resolve("added_tokens.json"));
      ObjectNode tokenizer = PiecesAlone.tokenizer(model, settings, added);
      return TokenizerKeys.of(
          pieces.get(),
          tokenizer,
          PiecesAlone.settings(model, settings),
          config,
          template,
          Optional.of(model));
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

  /// tiktoken's files may have the same name: lines of Base64. SentencePiece's begin with the
  /// number of a field, which is no character of Base64.
  private static void refuseRanks(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      int first = in.read();
      if (first < '+' || first > 'z') {
        return;
      }
    } catch (IOException e) {
      throw InputFailure.of(file, e);
    }
    throw new MarlinException(
        ErrorCode.TOKENIZER_MALFORMED,
        file.toString(),
        "is a tiktoken rank file, from which no tokenizer of a GGUF file can be made",
        "Put the model's tokenizer.json beside it.");
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
      throw InputFailure.of(file, e);
    }
  }
}
