package io.metalmarlin.runtime.model.arch;

import static io.metalmarlin.runtime.model.arch.ArchitecturesTest.LLAMA;
import static io.metalmarlin.runtime.model.arch.ArchitecturesTest.attention;
import static io.metalmarlin.runtime.model.arch.ArchitecturesTest.describe;
import static io.metalmarlin.runtime.model.arch.ArchitecturesTest.refused;
import static io.metalmarlin.runtime.model.arch.ArchitecturesTest.rope;
import static org.assertj.core.api.Assertions.assertThat;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.model.Role;
import io.metalmarlin.runtime.model.Attention;
import io.metalmarlin.runtime.model.LatentAttention;
import io.metalmarlin.runtime.model.MixtureOfExperts;
import io.metalmarlin.runtime.model.ModelSpec;
import io.metalmarlin.runtime.model.Span;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What configurations of known families can say beside what their best-known models say, and what
/// transformers takes for keys that are missing.
class VariantsTest {
  private static final String LATENT =
      """
      {"model_type": "%s", "kv_lora_rank": 16, "qk_nope_head_dim": 8, "qk_rope_head_dim": 4,
       "v_head_dim": 8, "n_routed_experts": 8, "num_experts_per_tok": 2, "n_group": 1,
       "topk_group": 1, "moe_intermediate_size": 16, "num_key_value_heads": 4,
       "first_k_dense_replace": 0, "n_shared_experts": 1%s}\
      """;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"rope_scaling\": {\"rope_type\": \"linear\", \"factor\": 4.0}} | 512",
        "{\"rope_scaling\": {\"rope_type\": \"dynamic\", \"factor\": 4.0}} | 512",
        "{\"rope_scaling\": {\"rope_type\": \"yarn\", \"factor\": 4.0,"
            + " \"original_max_position_embeddings\": 128}} | 512",
        "{\"rope_scaling\": {\"rope_type\": \"yarn\", \"factor\": 4.0,"
            + " \"original_max_position_embeddings\": 32}} | 128",
        "{\"max_position_embeddings\": null} | 2048",
        "{\"max_position_embeddings\": null, \"model_type\": \"qwen2\"} | 32768",
      })
  void the_longest_context(String change, int positions) {
    assertThat(describe(LLAMA, change).maxPositions()).isEqualTo(positions);
  }

  @Test
  void the_older_of_two_rope_objects_counts() {
    String both =
        """
        {"rope_theta": 500.0, "rope_scaling": {"rope_type": "linear", "factor": 2.0},
         "rope_parameters": {"rope_type": "default", "rope_theta": 300.0}}\
        """;
    assertThat(rope(both).getFirst()).isEqualTo(0.5);
    assertThat(rope("{\"rope_scaling\": {}, \"rope_theta\": 500.0}"))
        .isEqualTo(rope("{\"rope_theta\": 500.0}"));
  }

  @Test
  void the_context_of_the_training_is_found_beside_the_scaling_first() {
    String yarn =
        "{\"rope_scaling\": {\"rope_type\": \"yarn\", \"factor\": %s,"
            + " \"original_max_position_embeddings\": %d}%s}";
    assertThat(rope(yarn.formatted("4.0", 16, ", \"original_max_position_embeddings\": 32")))
        .isEqualTo(rope(yarn.formatted("4.0", 32, "")));
    assertThat(rope(yarn.formatted("null", 32, ""))).isEqualTo(rope(yarn.formatted("4.0", 32, "")));
  }

  @Test
  void llama3_scaling_without_a_context_takes_the_longest() {
    String llama3 =
        "{\"rope_scaling\": {\"rope_type\": \"llama3\", \"factor\": 8.0, \"low_freq_factor\":"
            + " 1.0, \"high_freq_factor\": 4.0%s}}";
    assertThat(rope(llama3.formatted("")))
        .isEqualTo(rope(llama3.formatted(", \"original_max_position_embeddings\": 128")));
  }

  @Test
  void hunyuan_grows_its_base_beyond_its_context() {
    Attention a =
        attention(
            describe(
                LLAMA,
                "{\"model_type\": \"hunyuan_v1_dense\", \"rope_scaling\": {\"type\": \"dynamic\","
                    + " \"alpha\": 1000.0, \"factor\": 1.0}}"));
    List<Double> near = a.rope().orElseThrow().at(128).inverseFrequencies();
    List<Double> far = a.rope().orElseThrow().at(256).inverseFrequencies();
    assertThat(near.get(1)).isLessThan(far.get(1));
  }

  @Test
  void phi3_scaling_of_the_first_files_is_longrope() {
    String factors = "[1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0]";
    String old =
        "{\"model_type\": \"phi3\", \"original_max_position_embeddings\": 64, \"rope_scaling\":"
            + " {\"type\": \"%s\", \"short_factor\": %s, \"long_factor\": %s}}";
    assertThat(rope(old.formatted("yarn", factors, factors)))
        .isEqualTo(rope(old.formatted("longrope", factors, factors)));
  }

  @Test
  void gpt_oss_scales_its_angles_unless_told_otherwise() {
    String base =
        "{\"model_type\": \"gpt_oss\", \"head_dim\": 16, \"num_local_experts\": 4,"
            + " \"num_experts_per_tok\": 2%s}";
    List<Double> plain = rope(base.formatted(", \"rope_scaling\": {\"rope_type\": \"default\"}"));
    assertThat(rope(base.formatted("")).getLast()).isEqualTo(plain.getLast() / 32);
  }

  @Test
  void qwen_windows_begin_at_layer_28_unless_told_otherwise() {
    String windows = "{\"model_type\": \"qwen2\", \"use_sliding_window\": true%s}";
    assertThat(spans(describe(LLAMA, windows.formatted(", \"sliding_window\": 8"))))
        .containsOnly(Span.FULL);
    String first = ", \"sliding_window\": 8, \"max_window_layers\": 1";
    assertThat(spans(describe(LLAMA, windows.formatted(first))))
        .containsExactly(Span.FULL, Span.window(8), Span.window(8));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {"2 | WFW", "\"LG\" | WFW", "\"LLG\" | WWF", "null | FFF"})
  void exaone_windows_follow_the_pattern(String pattern, String expected) {
    ModelSpec spec =
        describe(
            LLAMA,
            "{\"model_type\": \"exaone4\", \"sliding_window\": 8, \"sliding_window_pattern\": "
                + pattern
                + "}");
    assertThat(String.join("", spans(spec).stream().map(s -> s == Span.FULL ? "F" : "W").toList()))
        .isEqualTo(expected);
  }

  @Test
  void glm4_has_biases_unless_told_otherwise() {
    String glm4 = "{\"model_type\": \"glm4\", \"head_dim\": 16%s}";
    assertThat(describe(LLAMA, glm4.formatted("")).linears().getFirst().bias()).isTrue();
    String without = glm4.formatted(", \"attention_bias\": false");
    assertThat(describe(LLAMA, without).linears().getFirst().bias()).isFalse();
  }

  @Test
  void ernie_heads_are_128_wide_unless_told_otherwise() {
    String ernie = "{\"model_type\": \"ernie4_5\"%s}";
    assertThat(attention(describe(LLAMA, ernie.formatted(""))).heads().keyDim()).isEqualTo(128);
    assertThat(attention(describe(LLAMA, ernie.formatted(", \"head_dim\": null"))).heads().keyDim())
        .isEqualTo(16);
  }

  @Test
  void deepseek_v2_turns_neighbours_whatever_it_says() {
    String halves = ", \"rope_interleave\": false";
    assertThat(latent("deepseek_v2", halves).rope().neighbours()).isTrue();
    assertThat(latent("deepseek_v3", halves).rope().neighbours()).isFalse();
  }

  @Test
  void without_experts_every_mlp_is_dense() {
    for (String family : List.of("qwen2_moe", "qwen3_moe")) {
      ModelSpec spec = describe(LLAMA, "{\"model_type\": \"" + family + "\", \"num_experts\": 0}");
      assertThat(spec.blocks().stream().flatMap(b -> b.branches().stream()))
          .noneMatch(b -> b.mixer() instanceof MixtureOfExperts);
    }
  }

  @Test
  void the_language_part_of_a_whole_is_described_with_the_sizes_it_leaves_out() {
    ModelSpec spec =
        describe(
            "{\"model_type\": \"llava\"}",
            "{\"text_config\": {\"model_type\": \"llama\", \"vocab_size\": 64}}");
    assertThat(spec.hidden()).isEqualTo(4096);
    assertThat(spec.vocabulary()).isEqualTo(64);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"llm_config\": %s}",
        "{\"language_config\": %s}",
        "{\"thinker_config\": {\"text_config\": %s}, \"talker_config\": {}}"
      })
  void the_language_part_is_found_where_wholes_keep_it(String whole) {
    assertThat(describe("{\"model_type\": \"whole\"}", whole.formatted(with("qwen2"))))
        .extracting(ModelSpec::family)
        .isEqualTo("qwen2");
  }

  /// Voxtral's files leave out its heads' width, which is not Llama's 3072 / 32.
  @Test
  void what_a_whole_says_of_its_language_part_by_default_is_not_what_the_family_says() {
    ModelSpec spec = describe("{\"model_type\": \"voxtral\"}", "{\"text_config\": {}}");
    assertThat(spec.family()).isEqualTo("llama");
    assertThat(spec.linears())
        .filteredOn(l -> l.id().role() == Role.Q)
        .hasSize(30)
        .allSatisfy(l -> assertThat(l.out()).isEqualTo(32 * 128));
  }

  @ParameterizedTest
  @CsvSource({
    "qwen2_vl, qwen2",
    "qwen2_5_vl_text, qwen2",
    "qwen2_5_omni_text, qwen2",
    "qwen3_vl_text, qwen3",
  })
  void a_language_part_with_a_name_of_its_own_is_its_family(String name, String family) {
    ModelSpec spec = describe(LLAMA, "{\"model_type\": \"" + name + "\"}");
    assertThat(spec.family()).isEqualTo(family);
    assertThat(describe("{\"model_type\": \"whole\"}", "{\"text_config\": " + with(name) + "}"))
        .extracting(ModelSpec::family)
        .isEqualTo(family);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"partial_rotary_factor\": 0.5} | partial_rotary_factor 0.5",
        "{\"model_type\": \"gemma2\", \"use_bidirectional_attention\": true} |"
            + " use_bidirectional_attention",
        "{\"model_type\": \"gemma3_text\", \"use_bidirectional_attention\": true} |"
            + " use_bidirectional_attention",
        "{\"model_type\": \"bloom\", \"slow_but_exact\": true, \"pretraining_tp\": 2} |"
            + " slow_but_exact",
        "{\"model_type\": \"gpt_oss\", \"head_dim\": 16, \"swiglu_limit\": 2.0} | swiglu_limit 2.0",
        "{\"model_type\": \"mistral\", \"sliding_window\": 8, \"layer_types\":"
            + " [\"full_attention\", \"sliding_attention\", \"sliding_attention\"]} | layer_types",
      })
  void what_programs_read_differently_is_refused_by_name(String change, String named) {
    refused(change, ErrorCode.UNSUPPORTED_MODEL, named);
  }

  private static String with(String modelType) {
    return LLAMA.replace("\"llama\"", "\"" + modelType + "\"");
  }

  private static LatentAttention latent(String family, String more) {
    ModelSpec spec = describe(LLAMA, LATENT.formatted(family, more));
    return (LatentAttention) spec.blocks().getFirst().branches().getFirst().mixer();
  }

  private static List<Span> spans(ModelSpec spec) {
    return spec.blocks().stream()
        .map(b ->
            b.branches().stream()
                .map(ModelSpec.Branch::mixer)
                .filter(Attention.class::isInstance)
                .map(m -> ((Attention) m).scores().span())
                .findFirst()
                .orElseThrow())
        .toList();
  }
}
