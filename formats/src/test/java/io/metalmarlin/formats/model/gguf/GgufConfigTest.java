package io.metalmarlin.formats.model.gguf;

import static org.assertj.core.api.Assertions.assertThat;

import io.metalmarlin.formats.model.ModelConfig;
import io.metalmarlin.formats.model.ModelConfigs;
import io.metalmarlin.formats.testing.Shared;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/// Derived configurations against those of the models that the files were made from.
class GgufConfigTest {
  @ParameterizedTest
  @CsvSource({
    "packs/gguf/Q4_K_M, models/qwen3-7m",
    "packs/gguf/Q4_0, packs/base/qwen3-2l",
    "packs/gguf/NVFP4-from-ct, packs/base/qwen3-2l",
    "models/stories260K/stories260K-f32.gguf, models/stories260K",
  })
  void a_configuration_says_what_its_original_says(String gguf, String original) {
    ModelConfig theirs = ModelConfigs.read(Shared.path(original));
    try (GgufModel model = GgufModel.open(Shared.path(gguf))) {
      ModelConfig ours = model.config();
      for (String key :
          new String[] {
            "architectures", "model_type", "hidden_size", "intermediate_size",
            "num_hidden_layers", "num_attention_heads", "num_key_value_heads", "head_dim",
            "rms_norm_eps", "vocab_size", "max_position_embeddings", "tie_word_embeddings",
            "bos_token_id", "eos_token_id", "hidden_act", "attention_bias"
          }) {
        assertThat(ours.root().get(key)).as(key).isEqualTo(theirs.root().get(key));
      }
      assertThat(ours.root().get("rope_theta")).isEqualTo(theta(theirs));
      assertThat(ours.root().get("torch_dtype").stringValue())
          .isEqualTo(theirs.text("torch_dtype").or(() -> theirs.text("dtype")).orElseThrow());
    }
  }

  @ParameterizedTest
  @CsvSource("packs/gguf/moe-Q4_K_M, models/qwen3moe-22m")
  void a_mixture_of_experts_says_what_its_original_says(String gguf, String original) {
    ModelConfig theirs = ModelConfigs.read(Shared.path(original));
    try (GgufModel model = GgufModel.open(Shared.path(gguf))) {
      for (String key :
          new String[] {
            "model_type", "architectures", "num_experts_per_tok", "moe_intermediate_size",
            "norm_topk_prob", "decoder_sparse_step", "mlp_only_layers", "intermediate_size"
          }) {
        assertThat(model.config().root().get(key)).as(key).isEqualTo(theirs.root().get(key));
      }
      assertThat(model.config().root().get("num_experts"))
          .isEqualTo(theirs.root().get("num_local_experts"));
    }
  }

  private static JsonNode theta(ModelConfig c) {
    return c.object("rope_parameters").orElse(c.root()).get("rope_theta");
  }
}
