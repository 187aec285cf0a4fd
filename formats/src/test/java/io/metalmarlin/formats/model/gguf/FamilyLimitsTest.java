package io.metalmarlin.formats.model.gguf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.container.gguf.GgufMetadata;
import io.metalmarlin.formats.model.ModelConfig;
import io.metalmarlin.formats.model.ModelConfigs;
import io.metalmarlin.formats.testing.Shared;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.node.ObjectNode;

/// What families can be configured to do and llama.cpp does not: refused by name, found by
/// converting small models of varied configuration and comparing logits.
class FamilyLimitsTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  private static final String LLAMA =
      """
      {"hidden_size": 64, "intermediate_size": 96, "num_attention_heads": 4,
       "num_key_value_heads": 2, "num_hidden_layers": 2, "vocab_size": 96,
       "max_position_embeddings": 128, "num_experts": 4, "num_experts_per_tok": 2,
       "moe_intermediate_size": 32, "shared_expert_intermediate_size": 32}\
      """;

  private static final String LATENT =
      """
      {"model_type": "%s", "q_lora_rank": %s, "kv_lora_rank": 16, "qk_nope_head_dim": 8,
       "qk_rope_head_dim": 4, "v_head_dim": 8, "n_routed_experts": 8, "n_group": 4,
       "topk_group": 2%s}\
      """;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"model_type\": \"qwen2\", \"head_dim\": 32} | head_dim",
        "{\"model_type\": \"nemotron\", \"head_dim\": 32} | head_dim",
        "{\"model_type\": \"starcoder2\", \"head_dim\": 32} | head_dim",
        "{\"model_type\": \"qwen3\", \"attention_bias\": true} | attention_bias",
        "{\"model_type\": \"qwen3_moe\", \"norm_topk_prob\": true, \"attention_bias\": true} |"
            + " attention_bias",
        "{\"model_type\": \"cohere2\", \"attention_bias\": true} | attention_bias",
        "{\"model_type\": \"hunyuan_v1_dense\", \"attention_bias\": true} | attention_bias",
        "{\"model_type\": \"smollm3\", \"attention_bias\": true} | attention_bias",
        "{\"model_type\": \"smollm3\", \"mlp_bias\": true} | mlp_bias",
        "{\"model_type\": \"smollm3\", \"layer_types\": [\"sliding_attention\", \"full_attention\"]} |"
            + " sliding windows",
        "{\"model_type\": \"qwen2_moe\", \"qkv_bias\": false} | qkv_bias",
        "{\"model_type\": \"olmoe\", \"num_key_value_heads\": 4, \"clip_qkv\": 8.0} | clip_qkv",
        "{\"model_type\": \"gemma2\", \"tie_word_embeddings\": false} | tie_word_embeddings",
        "{\"model_type\": \"gemma3_text\", \"attention_bias\": true} | attention_bias",
        "{\"model_type\": \"qwen3\", \"rope_scaling\": {\"rope_type\": \"llama3\"}} | llama3",
        "{\"model_type\": \"olmo2\", \"rope_scaling\": {\"rope_type\": \"llama3\"}} | llama3",
        "{\"model_type\": \"qwen3\", \"rope_scaling\": {\"rope_type\": \"longrope\"}} | longrope",
        "{\"model_type\": \"phi3\", \"rope_scaling\": {\"rope_type\": \"longrope\"}} | 8 factors",
        "{\"model_type\": \"exaone4\", \"layer_types\": [\"full_attention\", \"full_attention\"]} |"
            + " sliding windows",
      })
  void what_llama_cpp_does_not_do_is_refused(String change, String named) {
    refused(change, named);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "deepseek_v2 | 24 | , \"topk_method\": \"group_limited_greedy\" | group_limited_greedy",
        "deepseek_v2 | 24 | , \"mlp_bias\": true | mlp_bias",
        "deepseek_v3 | 24 | , \"attention_bias\": true | attention_bias",
        "deepseek_v3 | 24 | , \"rope_interleave\": false | rope_interleave",
        "deepseek_v3 | 24 | , \"rms_norm_eps\": 0.05 | rms_norm_eps",
        "deepseek_v3 | null | '' | q_lora_rank null with 2 layers",
        "deepseek_v3 | 24 | , \"rope_scaling\": {\"rope_type\": \"linear\", \"factor\": 2.0} | linear",
        "deepseek_v3 | 24 | , \"rope_scaling\": {\"rope_type\": \"yarn\", \"factor\": 2.0} | without"
            + " mscale_all_dim",
      })
  void what_llama_cpp_does_not_do_with_latents_is_refused(
      String family, String rank, String more, String named) {
    refused(LATENT.formatted(family, rank, more), named);
  }

  @Test
  void deepseek_v2_that_chooses_among_all_experts_has_no_groups() {
    assertThat(keys(LATENT.formatted("deepseek_v2", 24, "")).whole("deepseek2.expert_group_count"))
        .isEmpty();
    assertThat(keys(LATENT.formatted("deepseek_v3", 24, "")).whole("deepseek2.expert_group_count"))
        .hasValue(4);
  }

  @ParameterizedTest
  @CsvSource({"mixtral, llama, 1e6", "smollm3, smollm3, 2e6", "ernie4_5, ernie4_5, 5e5"})
  void a_base_that_is_left_out_is_the_family_s_own(String family, String name, double base) {
    String change = "{\"model_type\": \"%s\", \"num_local_experts\": 4, \"num_hidden_layers\": 3}";
    assertThat(keys(change.formatted(family)).real(name + ".rope.freq_base")).hasValue(base);
  }

  @Test
  void both_rotary_embeddings_of_gemma_3_are_found_in_either_spelling() {
    String ropes =
        """
        {"model_type": "gemma3_text", "query_pre_attn_scalar": 16, "rope_parameters":
          {"full_attention": {"rope_type": "linear", "factor": 8.0, "rope_theta": 500000.0},
           "sliding_attention": {"rope_type": "default", "rope_theta": 5000.0}}}\
        """;
    GgufMetadata keys = keys(gemma3(ropes));
    assertThat(keys.real("gemma3.rope.freq_base")).hasValue(500000.0);
    assertThat(keys.real("gemma3.rope.scaling.factor")).hasValue(8.0);
    assertThat(keys.real("gemma3.rope.freq_base_swa")).hasValue(5000.0);
    GgufMetadata silent = keys(gemma3("{\"model_type\": \"gemma3_text\", \"head_dim\": 16}"));
    assertThat(silent.real("gemma3.rope.freq_base")).hasValue(1e6);
    assertThat(silent.real("gemma3.rope.freq_base_swa")).hasValue(10000.0);
    assertThatThrownBy(() -> keys(gemma3(ropes.replace("default", "linear"))))
        .hasMessageContaining("layers with a window");
  }

  /// Two layers with a window.
  private static String gemma3(String change) {
    String windows = "{\"layer_types\": [\"sliding_attention\", \"sliding_attention\"], ";
    return windows + change.strip().substring(1);
  }

  @Test
  void published_configurations_are_not_refused() {
    ModelConfig config = ModelConfigs.read(Shared.path("models", "deepseekv2-10m"));
    assertThat(GgufKeys.of(config, "test", 0).text("general.architecture")).hasValue("deepseek2");
  }

  private static void refused(String change, String named) {
    assertThatThrownBy(() -> keys(change))
        .isInstanceOfSatisfying(
            MarlinException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.TARGET_CANNOT))
        .hasMessageContaining(named);
  }

  private static GgufMetadata keys(String change) {
    ObjectNode root = (ObjectNode) JSON.readTree(LLAMA);
    ((ObjectNode) JSON.readTree(change))
        .properties()
        .forEach(e -> root.set(e.getKey(), e.getValue()));
    return GgufKeys.of(new ModelConfig(Path.of("config.json"), root), "test", 0);
  }
}
