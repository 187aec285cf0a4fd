package io.metalmarlin.runtime.model.arch;

import io.metalmarlin.formats.model.ModelConfig;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/// The language part of models that see or hear.
///
/// Some have a `model_type` of their own for it and are a known family all the same: positions in
/// three directions are those of one where there is text alone. Others leave out sizes that are
/// their family's first model's (LLaVA 1.5).
///
/// Source: transformers 5.17 `models/qwen2_vl`, `qwen2_5_vl`, `qwen3_vl` and `qwen3_vl_moe`, and
/// the configuration classes of the families.
final class SeeingFamilies {
  /// A family under another name.
  ///
  /// @param defaults what other values missing keys have than in the family, a JSON object
  private record Alias(String family, String defaults) {}

  private static final Alias QWEN2 =
      new Alias(
          "qwen2",
          """
          {"rope_theta": 1000000.0, "rms_norm_eps": 1e-5, "max_window_layers": 80,
           "num_key_value_heads": 8}\
          """);

  private static final Map<String, Alias> ALL =
      Map.of(
          "qwen2_vl",
          QWEN2,
          "qwen2_vl_text",
          QWEN2,
          "qwen2_5_omni_text",
          new Alias(
              "qwen2",
              """
              {"rope_theta": 1000000.0, "rms_norm_eps": 1e-6, "max_window_layers": 28,
               "num_key_value_heads": 4}\
              """),
          "qwen2_5_vl",
          QWEN2,
          "qwen2_5_vl_text",
          QWEN2,
          "qwen3_vl_text",
          new Alias("qwen3", "{\"rope_theta\": 500000.0, \"head_dim\": 128}"),
          "qwen3_omni_moe_text",
          new Alias(
              "qwen3_moe",
              """
              {"rope_theta": 1000000.0, "num_key_value_heads": 4, "num_experts_per_tok": 8,
               "moe_intermediate_size": 768, "norm_topk_prob": true}\
              """),
          // The weights of its experts always sum to one.
          "qwen3_vl_moe_text",
          new Alias(
              "qwen3_moe",
              """
              {"rope_theta": 500000.0, "num_experts_per_tok": 4,
               "moe_intermediate_size": 1408, "norm_topk_prob": true}\
              """));

  /// Where wholes keep it: transformers, InternVL, Janus and DeepSeek-VL2, Qwen-Omni.
  private static final List<String> PARTS =
      List.of("/text_config", "/llm_config", "/language_config", "/thinker_config/text_config");

  /// What some wholes leave out of their language part, which is not what its family would say.
  private static final Map<String, String> WHOLES =
      Map.of(
          "voxtral",
          """
          {"model_type": "llama", "vocab_size": 131072, "hidden_size": 3072,
           "intermediate_size": 8192, "num_hidden_layers": 30, "num_key_value_heads": 8,
           "max_position_embeddings": 131072, "rms_norm_eps": 1e-5, "rope_theta": 1e8,
           "head_dim": 128}\
          """);

  private static final Map<String, String> SIZES =
      Map.of(
          "llama",
              """
              {"hidden_size": 4096, "intermediate_size": 11008, "num_hidden_layers": 32,
               "num_attention_heads": 32, "vocab_size": 32000}\
              """,
          "mistral",
              """
              {"hidden_size": 4096, "intermediate_size": 14336, "num_hidden_layers": 32,
               "num_attention_heads": 32, "num_key_value_heads": 8, "vocab_size": 32000}\
              """,
          "qwen2",
              """
              {"hidden_size": 4096, "intermediate_size": 22016, "num_hidden_layers": 32,
               "num_attention_heads": 32, "num_key_value_heads": 32, "vocab_size": 151936}\
              """);

  private SeeingFamilies() {}

  /// A copy of the part of a whole that describes its language model.
  static Optional<ObjectNode> part(ModelConfig whole) {
    return PARTS.stream()
        .map(whole.root()::at)
        .filter(ObjectNode.class::isInstance)
        .map(part -> ((ObjectNode) part).deepCopy())
        .findFirst();
  }

  /// The part under the name of its family, with the sizes it leaves out.
  ///
  /// @param whole the `model_type` of the whole
  static ModelConfig filled(String whole, ModelConfig config) {
    ModelConfig text = ConfigDefaults.fill(config, WHOLES.getOrDefault(whole, "{}"));
    String sizes = text.text("model_type").map(SIZES::get).orElse("{}");
    return language(ConfigDefaults.fill(text, sizes));
  }

  /// The configuration under the name of the family that its language part is.
  static ModelConfig language(ModelConfig config) {
    Optional<Alias> alias = config.text("model_type").map(ALL::get);
    return alias
        .map(a ->
            ConfigDefaults.with(
                ConfigDefaults.fill(config, a.defaults()), "model_type", "\"" + a.family() + "\""))
        .orElse(config);
  }
}
