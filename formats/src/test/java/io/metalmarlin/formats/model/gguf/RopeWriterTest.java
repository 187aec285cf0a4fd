package io.metalmarlin.formats.model.gguf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.container.gguf.GgufMetadata;
import io.metalmarlin.formats.model.ModelConfig;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.node.ObjectNode;

/// Scaled rotary embeddings: written where llama.cpp computes the same, refused where it does not.
class RopeWriterTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  private static final String LLAMA =
      """
      {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "hidden_size": 64,
       "intermediate_size": 96, "num_attention_heads": 4, "num_key_value_heads": 2,
       "num_hidden_layers": 2, "vocab_size": 96, "max_position_embeddings": 128,
       "hidden_act": "silu", "rms_norm_eps": 1e-5, "rope_theta": 500.0, "rope_scaling": %s}\
      """;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"attention_factor\": 1.3 | attention_factor 1.3",
        "\"truncate\": false | truncate",
        "\"mscale\": 1.0, \"mscale_all_dim\": 1.0 | mscale_all_dim",
        "\"mscale\": 0.7, \"mscale_all_dim\": 0.9 | mscale other than",
      })
  void what_llama_cpp_computes_otherwise_is_refused(String more, String named) {
    String yarn = "{\"rope_type\": \"yarn\", \"factor\": 4.0, " + more + "}";
    assertThatThrownBy(() -> keys(yarn))
        .isInstanceOfSatisfying(
            MarlinException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.TARGET_CANNOT))
        .hasMessageContaining(named);
  }

  @Test
  void an_attention_factor_that_llama_cpp_has_itself_is_no_obstacle() {
    String yarn =
        "{\"rope_type\": \"yarn\", \"factor\": null, \"original_max_position_embeddings\": 32,"
            + " \"attention_factor\": 1.1386294361119891}";
    assertThat(keys(yarn).real("llama.rope.scaling.factor")).hasValue(4.0);
    assertThat(keys(yarn).whole("llama.rope.scaling.original_context_length")).hasValue(32);
  }

  private static GgufMetadata keys(String scaling) {
    ObjectNode root = (ObjectNode) JSON.readTree(LLAMA.formatted(scaling));
    return GgufKeys.of(new ModelConfig(Path.of("config.json"), root), "test", 0);
  }
}
