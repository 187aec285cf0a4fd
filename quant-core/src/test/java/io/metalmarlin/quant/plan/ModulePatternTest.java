package io.metalmarlin.quant.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ModulePatternTest {
  @ParameterizedTest
  @CsvSource({
    "lm_head, lm_head, true",
    "lm_head, lm_head.x, false",
    "model.layers.1, model.layers.1.mlp.up_proj, false",
    "re:.*down_proj, model.layers.0.mlp.down_proj, true",
    "re:down_proj, model.layers.0.mlp.down_proj, false",
    "re:model\\.layers\\.1\\., model.layers.1.mlp.up_proj, true",
    "re:model\\.layers\\.1\\., model.layers.11.mlp.up_proj, false",
    "Linear, anything, true"
  })
  void followsCompressedTensors(String pattern, String module, boolean matches) {
    assertThat(ModulePattern.of(pattern).matches(module)).isEqualTo(matches);
  }

  @Test
  void malformedExpressionIsAUsageError() {
    assertThatThrownBy(() -> ModulePattern.of("re:("))
        .isInstanceOfSatisfying(
            MarlinException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.BAD_FLAG));
  }
}
