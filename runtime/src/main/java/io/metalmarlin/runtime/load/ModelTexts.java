package io.metalmarlin.runtime.load;

import io.metalmarlin.formats.container.gguf.GgufMetadata;
import io.metalmarlin.formats.json.JsonFiles;
import io.metalmarlin.formats.model.gguf.GgufTokenizer;
import io.metalmarlin.formats.model.gguf.GgufView;
import io.metalmarlin.runtime.model.Model;
import io.metalmarlin.runtime.text.Tokenizer;
import io.metalmarlin.runtime.text.Tokenizers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/// What belongs to a model's text: the files beside it, or what a GGUF file holds itself.
public final class ModelTexts {
  private static final long MAX_BYTES = 64L << 20;

  private ModelTexts() {}

  /// The model's tokenizer: that of its folder, or the one inside a GGUF file that has no
  /// `tokenizer.json` beside it. There is no other way to it, so that every command has the same.
  ///
  /// @throws io.metalmarlin.formats.MarlinException as [Tokenizers#read]
  public static Tokenizer tokenizer(Model model) {
    return inside(model).orElseGet(() -> Tokenizers.read(model.folder()));
  }

  /// As [#tokenizer], empty where the model has none.
  public static Optional<Tokenizer> findTokenizer(Model model) {
    return inside(model).or(() -> Tokenizers.find(model.folder()));
  }

  private static Optional<Tokenizer> inside(Model model) {
    if (Files.exists(model.folder().resolve("tokenizer.json"))) {
      return Optional.empty();
    }
    return gguf(model)
        .map(m -> GgufTokenizer.tokenizerJson(m).toString().getBytes(StandardCharsets.UTF_8))
        .map(json -> Tokenizers.of(model.folder(), json));
  }

  /// The content of `tokenizer_config.json`, or the same of a GGUF file; empty when there is none.
  ///
  /// @throws io.metalmarlin.formats.MarlinException `CONFIG_MALFORMED`, `TOKENIZER_MALFORMED`
  public static JsonNode tokenizerConfig(Model model) {
    Path file = configFile(model);
    if (Files.exists(file)) {
      return JsonFiles.readObject(file, MAX_BYTES);
    }
    Optional<GgufMetadata> gguf = gguf(model);
    return gguf.isPresent()
        ? GgufTokenizer.tokenizerConfig(gguf.get())
        : JsonNodeFactory.instance.objectNode();
  }

  /// What [#tokenizerConfig] is called in messages.
  public static String tokenizerConfigWhere(Model model) {
    Path file = configFile(model);
    return Files.exists(file) || gguf(model).isEmpty()
        ? file.toString()
        : model.folder() + " tokenizer.chat_template";
  }

  private static Path configFile(Model model) {
    return model.folder().resolve("tokenizer_config.json");
  }

  private static Optional<GgufMetadata> gguf(Model model) {
    return model.checkpoint() instanceof GgufView view
        ? Optional.of(view.gguf().typedMetadata())
        : Optional.empty();
  }
}
