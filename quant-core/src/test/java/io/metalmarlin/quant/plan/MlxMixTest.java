package io.metalmarlin.quant.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.testing.Shared;
import io.metalmarlin.runtime.load.Models;
import io.metalmarlin.runtime.model.Model;
import java.util.List;
import org.junit.jupiter.api.Test;

/// mlx-lm's choices; those of a file that it wrote are compared in `MixedTest`.
class MlxMixTest {
  /// Six layers: no first eighth, the last is layer 5, every third from layer 2.
  @Test
  void value_and_down_of_some_layers_get_more_bits() {
    try (Model model = Models.openAny(Shared.path("models", "qwen3-7m"))) {
      List<SchemeRule> rules = MlxMix.named("MIXED_3_6").orElseThrow().rules(64, model.spec());
      assertThat(rules.stream().map(SchemeRule::text))
          .containsExactly(
              "model.layers.2.self_attn.v_proj=W6A16-G64",
              "model.layers.2.mlp.down_proj=W6A16-G64",
              "model.layers.5.self_attn.v_proj=W6A16-G64",
              "model.layers.5.mlp.down_proj=W6A16-G64");
    }
  }

  @Test
  void experts_and_latent_values_count() {
    try (Model opened = Models.openAny(Shared.path("models", "deepseekv2-10m"))) {
      Model model = Models.expertsApart(opened);
      List<SchemeRule> rules = MlxMix.named("mixed_4_6").orElseThrow().rules(64, model.spec());
      assertThat(rules.stream().map(SchemeRule::pattern))
          .anyMatch(p -> p.contains("kv_a_proj"))
          .anyMatch(p -> p.contains("kv_b_proj"))
          .anyMatch(p -> p.contains("experts") && p.contains("down_proj"))
          .anyMatch(p -> p.contains("shared_experts.down_proj"));
    }
  }

  @Test
  void it_is_of_mlx_lm_and_of_models_with_such_names() {
    try (Model model = Models.openAny(Shared.path("models", "qwen3-7m"))) {
      assertThatThrownBy(() ->
              Recipes.resolve(RecipeRequest.DEFAULTS.withSchemes("mixed_3_6", List.of()), model))
          .isInstanceOf(MarlinException.class)
          .hasMessageContaining("is a recipe of mlx-lm, and the target is vllm");
      assertThatThrownBy(() ->
              Recipes.resolve(
                  RecipeRequest.rounding("mlx-lm", List.of())
                      .withSchemes("W4A16", List.of("re:.*=mixed_3_6")),
                  model))
          .hasMessageContaining("is a mix of several types");
    }
  }
}
