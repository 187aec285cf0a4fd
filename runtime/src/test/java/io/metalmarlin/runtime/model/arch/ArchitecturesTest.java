package io.metalmarlin.runtime.model.arch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.model.ModelConfig;
import io.metalmarlin.runtime.model.Attention;
import io.metalmarlin.runtime.model.ModelSpec;
import io.metalmarlin.runtime.model.ModelSpec.Linear;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.node.ObjectNode;

class ArchitecturesTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  static final String LLAMA =
      """
      {"model_type": "llama", "hidden_size": 64, "intermediate_size": 96, "num_attention_heads": 4,
       "num_key_value_heads": 2, "num_hidden_layers": 3, "vocab_size": 256,
       "max_position_embeddings": 128, "hidden_act": "silu", "rms_norm_eps": 1e-5}\
      """;

  @Test
  void llama_derives_the_head_width_and_has_no_head_norms() {
    Attention a = attention(describe(LLAMA, "{}"));
    assertThat(a.heads().keyDim()).isEqualTo(16);
    assertThat(a.headNorms()).isEmpty();
    assertThat(a.projections().linears().get(0).out()).isEqualTo(64);
    assertThat(a.projections().linears().get(1).out()).isEqualTo(32);
    assertThat(a.scores().scale()).isEqualTo(0.25f);
  }

  @Test
  void qwen3_takes_the_head_width_from_the_configuration_and_norms_each_head() {
    Attention a = attention(describe(LLAMA, "{\"model_type\": \"qwen3\", \"head_dim\": 32}"));
    assertThat(a.heads().keyDim()).isEqualTo(32);
    assertThat(a.headNorms().orElseThrow().q().size()).isEqualTo(32);
    assertThat(a.o().in()).isEqualTo(128);
  }

  @Test
  void linears_with_one_input_share_groups_and_others_do_not() {
    List<Linear> l = describe(LLAMA, "{}").blocks().get(1).linears();
    assertThat(l.stream().map(Linear::inputGroup))
        .containsExactly("qkv", "qkv", "qkv", "o", "gate_up", "gate_up", "down");
    assertThat(l.stream().map(Linear::fuseGroup))
        .containsExactly("qkv", "qkv", "qkv", "o", "gate_up", "gate_up", "down");
  }

  @Test
  void every_weight_has_a_module_name_of_its_own() {
    ModelSpec spec = describe(LLAMA, "{}");
    Set<String> names = new HashSet<>();
    spec.linears().forEach(l -> names.add(spec.names().module(l.id())));
    assertThat(names).hasSize(3 * 7).contains("model.layers.2.mlp.down_proj");
  }

  @Test
  void both_spellings_of_the_rope_give_the_same_angles() {
    String old =
        "{\"rope_theta\": 500000.0, \"rope_scaling\": {\"type\": \"linear\", \"factor\": 4.0}}";
    String transformers5 =
        "{\"rope_parameters\": {\"rope_theta\": 500000.0, \"rope_type\": \"linear\", \"factor\":"
            + " 4.0}}";
    assertThat(rope(old)).isEqualTo(rope(transformers5)).hasSize(8);
    assertThat(rope(old).get(1)).isCloseTo(Math.pow(500000, -0.125) / 4, Offset.offset(1e-15));
  }

  @Test
  void llama3_scaling_keeps_short_waves_and_stretches_long_ones() {
    List<Double> plain = rope("{\"rope_theta\": 500000.0}");
    List<Double> scaled =
        rope(
            """
            {"rope_theta": 500000.0, "rope_scaling": {"rope_type": "llama3", "factor": 8.0,
             "low_freq_factor": 1.0, "high_freq_factor": 4.0,
             "original_max_position_embeddings": 64}}\
            """);
    assertThat(scaled.getFirst()).isEqualTo(plain.getFirst());
    assertThat(scaled.getLast()).isEqualTo(plain.getLast() / 8);
  }

  @Test
  void biases_are_declared_where_the_configuration_asks_for_them() {
    ModelSpec spec = describe(LLAMA, "{\"attention_bias\": true, \"mlp_bias\": true}");
    assertThat(spec.linears()).allMatch(Linear::bias);
  }

  @Test
  void a_tied_head_is_declared() {
    assertThat(describe(LLAMA, "{\"tie_word_embeddings\": true}").head().tied()).isTrue();
    assertThat(describe(LLAMA, "{}").head().tied()).isFalse();
  }

  @Test
  void a_sliding_window_that_is_switched_off_is_accepted() {
    describe(
        LLAMA,
        "{\"model_type\": \"qwen3\", \"sliding_window\": 32, \"use_sliding_window\": false}");
  }

  @Test
  void an_unknown_family_is_refused_with_the_list_of_known_ones() {
    assertThatThrownBy(() -> describe(LLAMA, "{\"model_type\": \"mamba\"}"))
        .isInstanceOfSatisfying(
            MarlinException.class,
            e -> {
              assertThat(e.code()).isEqualTo(ErrorCode.UNSUPPORTED_MODEL);
              assertThat(e).hasMessageContaining("mamba");
              assertThat(e.hint()).contains("llama", "qwen3");
            });
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"hidden_act\": \"mish\"} | mish",
        "{\"rope_scaling\": {\"rope_type\": \"spiral\", \"factor\": 4.0}} | spiral",
        "{\"sliding_window\": 4096} | sliding_window 4096",
        "{\"layer_types\": [\"full_attention\", \"sliding_attention\", \"full_attention\"]} |"
            + " layer_types[1]",
        "{\"model_type\": \"gpt2\", \"add_cross_attention\": true} | add_cross_attention",
        "{\"model_type\": \"falcon\", \"new_decoder_architecture\": true, \"parallel_attn\": false} |"
            + " parallel_attn false",
        "{\"model_type\": \"falcon\", \"num_ln_in_parallel_attn\": 2} | num_ln_in_parallel_attn 2",
      })
  void what_is_not_run_is_refused_by_name(String change, String named) {
    refused(change, ErrorCode.UNSUPPORTED_MODEL, named);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"num_key_value_heads\": 3} | num_attention_heads 4 is not a multiple of"
            + " num_key_value_heads 3",
        "{\"num_attention_heads\": 5} | hidden_size 64 is not a multiple of num_attention_heads 5",
        "{\"head_dim\": 15} | head_dim 15 is odd",
        "{\"hidden_size\": 0} | hidden_size",
        "{\"hidden_size\": \"wide\"} | hidden_size",
        "{\"vocab_size\": null} | vocab_size",
        "{\"num_hidden_layers\": -1} | num_hidden_layers",
        "{\"rms_norm_eps\": 0} | rms_norm_eps",
        "{\"rope_theta\": -1.0} | rope_theta",
        "{\"rope_scaling\": {\"rope_type\": \"llama3\", \"factor\": 8.0}} | low_freq_factor",
        "{\"rope_scaling\": {\"factor\": 8.0}} | rope_type",
        "{\"layer_types\": [\"full_attention\"]} | layer_types has 1 entries",
        "{\"layer_types\": \"full_attention\"} | \"layer_types\" should be a list",
        "{\"rope_scaling\": 4.0} | \"rope_scaling\" should be an object",
        "{\"model_type\": \"smollm3\", \"no_rope_layers\": 4} | \"no_rope_layers\" should be a list",
        "{\"model_type\": \"qwen3_moe\", \"mlp_only_layers\": 1} | \"mlp_only_layers\" should be a"
            + " list",
        "{\"model_type\": \"falcon\", \"multi_query\": false, \"num_kv_heads\": 2} | num_kv_heads 2",
        "{\"model_type\": \"falcon\", \"num_ln_in_parallel_attn\": 3} | num_ln_in_parallel_attn",
        "{\"model_type\": \"phi\", \"partial_rotary_factor\": 0.2} | partial_rotary_factor",
      })
  void impossible_values_are_refused_by_name(String change, String named) {
    refused(change, ErrorCode.CONFIG_MALFORMED, named);
  }

  static void refused(String change, ErrorCode code, String named) {
    assertThatThrownBy(() -> describe(LLAMA, change))
        .isInstanceOfSatisfying(MarlinException.class, e -> assertThat(e.code()).isEqualTo(code))
        .hasMessageContaining(named);
  }

  static List<Double> rope(String change) {
    return attention(describe(LLAMA, change)).rope().orElseThrow().at(1).inverseFrequencies();
  }

  static Attention attention(ModelSpec spec) {
    return (Attention) spec.blocks().getFirst().branches().getFirst().mixer();
  }

  static ModelSpec describe(String base, String change) {
    ObjectNode root = (ObjectNode) JSON.readTree(base);
    ((ObjectNode) JSON.readTree(change))
        .properties()
        .forEach(e -> root.set(e.getKey(), e.getValue()));
    ModelConfig config = new ModelConfig(Path.of("config.json"), root);
    return Architectures.describe(config);
  }
}
