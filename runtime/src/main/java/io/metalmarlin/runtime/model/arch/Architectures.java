package io.metalmarlin.runtime.model.arch;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.model.ModelConfig;
import io.metalmarlin.runtime.model.Architecture;
import io.metalmarlin.runtime.model.ModelSpec;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import tools.jackson.databind.node.ObjectNode;

/// The architectures this build knows.
public final class Architectures {
  public static final List<Architecture> ALL =
      List.of(
          new Llama(),
          new Mistral(),
          new Qwen2(),
          new Qwen3(),
          new Gemma2(),
          new Gemma3Text(),
          new Phi(),
          new Phi3(),
          new Glm4(),
          new Olmo2(),
          new Granite(),
          new Cohere2(),
          new Starcoder2(),
          new StableLm(),
          new GptNeoX(),
          new Gpt2(),
          new Opt(),
          new Bloom(),
          new Falcon(),
          new SmolLm3(),
          new Exaone4(),
          new Ernie45(),
          new HunyuanV1Dense(),
          new DiffLlama(),
          new DeepSeekV2(),
          new DeepSeekV3(),
          new MiniMax(),
          new Qwen3Next(),
          new Nemotron(),
          new Mixtral(),
          new Qwen2Moe(),
          new Qwen3Moe(),
          new Olmoe(),
          new GraniteMoe(),
          new Glm4Moe(),
          new GptOss(),
          new Llama4Text());

  private Architectures() {}

  /// The declaration for a configuration; for that of a multimodal model, of its language part.
  ///
  /// @throws MarlinException `UNSUPPORTED_MODEL` naming the known families or the feature that is
  ///   not run, `CONFIG_MALFORMED` for a missing or impossible key
  public static ModelSpec describe(ModelConfig config) {
    ModelConfig language = language(config);
    Architecture architecture =
        find(language).orElseThrow(() -> unknown(config, config.modelType()));
    return architecture.describe(language);
  }

  /// Whether the family of a configuration is known.
  public static boolean knows(ModelConfig config) {
    return find(language(config)).isPresent();
  }

  /// The known families, for messages.
  public static String names() {
    return ALL.stream().map(Architecture::modelType).collect(Collectors.joining(", "));
  }

  /// The part of a configuration that describes the language model: `text_config` or what others
  /// call it, where the whole is of another family. What only the whole says of both stays. Whether
  /// the head is the embedding each whole says in a way of its own; the checkpoint shows it.
  static ModelConfig language(ModelConfig config) {
    if (find(config).isPresent()) {
      return config;
    }
    Optional<ObjectNode> part = SeeingFamilies.part(config);
    if (part.isEmpty()) {
      return SeeingFamilies.language(config);
    }
    ObjectNode text = part.get();
    if (!text.has("quantization_config") && config.root().has("quantization_config")) {
      text.set("quantization_config", config.root().get("quantization_config"));
    }
    text.put("tie_word_embeddings", true);
    return SeeingFamilies.filled(
        config.text("model_type").orElse(""), new ModelConfig(config.file(), text));
  }

  private static Optional<Architecture> find(ModelConfig config) {
    return config
        .text("model_type")
        .flatMap(type -> ALL.stream().filter(a -> a.modelType().equals(type)).findFirst());
  }

  private static MarlinException unknown(ModelConfig config, String type) {
    return new MarlinException(
        ErrorCode.UNSUPPORTED_MODEL,
        config.file().toString(),
        "model_type \"" + type + "\" is not supported",
        "Supported: " + names() + ". Use a checkpoint of one of these families.");
  }
}
