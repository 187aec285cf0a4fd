package io.metalmarlin.runtime.model.arch;

import io.metalmarlin.formats.model.ModelConfig;
import java.util.Map;
import java.util.Optional;

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
          "qwen2_vl", QWEN2,
          "qwen2_vl_text", QWEN2,
          "qwen2_5_vl", QWEN2,
          "qwen2_5_vl_text", QWEN2,
          "qwen3_vl_text", new Alias("qwen3", "{\"rope_theta\": 500000.0, \"head_dim\": 128}"),
          // The weights of its experts always sum to one.
          "qwen3_vl_moe_text",
              new Alias(
                  "qwen3_moe",
                  """
                  {"rope_theta": 500000.0, "num_experts_per_tok": 4,
                   "moe_intermediate_size": 1408, "norm_topk_prob": true}\
                  """));

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

  /// The `text_config` of a whole: under the name of its family, with the sizes it leaves out.
  static ModelConfig part(ModelConfig text) {
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
