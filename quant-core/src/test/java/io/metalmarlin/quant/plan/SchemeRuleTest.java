package io.metalmarlin.quant.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.model.Role;
import io.metalmarlin.formats.model.WeightId;
import io.metalmarlin.runtime.model.ModelSpec.Linear;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SchemeRuleTest {
  @Test
  void the_last_equals_sign_divides() {
    assertThat(SchemeRule.parse("re:a(?=b).*=W8A16-G64"))
        .isEqualTo(new SchemeRule("re:a(?=b).*", "W8A16-G64"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"down_proj", "=Q6_K", "down_proj=", ""})
  void anything_else_is_a_usage_error(String text) {
    assertThatThrownBy(() -> SchemeRule.parse(text))
        .isInstanceOfSatisfying(
            MarlinException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.BAD_FLAG));
  }

  @Test
  void the_pattern_of_an_expert_means_all_experts_of_its_layer() {
    Linear l = new Linear(new WeightId(3, Role.DOWN, 12), 4, 4, false, "a", "a");
    String pattern = SchemeRule.pattern(l, "model.layers.3.mlp.experts.12.down_proj");
    ModulePattern matcher = ModulePattern.of(pattern);
    assertThat(matcher.matches("model.layers.3.mlp.experts.0.down_proj")).isTrue();
    assertThat(matcher.matches("model.layers.3.mlp.experts.0.up_proj")).isFalse();
    assertThat(matcher.matches("model.layers.13.mlp.experts.0.down_proj")).isFalse();
    assertThat(matcher.matches("model.layers.3.mlp.experts.0.down_proj.x")).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "W4A16, W4A16, ",
    "W4A16-G64, W4A16, 64",
    "w8a16-g32, w8a16, 32",
    "W8A16-channel, W8A16, -1",
    "Q4_K, Q4_K, ",
    "NVFP4A16, NVFP4A16, "
  })
  void a_scheme_may_name_its_group(String text, String name, Integer group) {
    SchemeName scheme = SchemeName.parse(text);
    assertThat(scheme.name()).isEqualTo(name);
    assertThat(scheme.groupSize())
        .isEqualTo(group == null ? OptionalInt.empty() : OptionalInt.of(group));
  }
}
