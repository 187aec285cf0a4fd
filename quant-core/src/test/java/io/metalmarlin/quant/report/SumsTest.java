package io.metalmarlin.quant.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SumsTest {
  static Weight weight(
      String name, long elements, double error, OptionalDouble hessian, long tokens) {
    return new Weight(
        name,
        "quantize",
        Optional.of("BF16"),
        "NVFP4A16",
        elements,
        OptionalDouble.of(4.5),
        OptionalLong.of(2 * elements),
        OptionalLong.of(elements),
        OptionalDouble.of(error),
        hessian,
        0,
        Optional.of(
            new Weight.Solve(
                "mr-gptq",
                16,
                tokens,
                OptionalDouble.of(Math.min(1, tokens / 64.0)),
                tokens == 0 ? Optional.of("rounding") : Optional.empty(),
                .05,
                0,
                OptionalInt.of(0),
                OptionalDouble.of(0),
                Optional.empty(),
                Optional.empty(),
                .5)));
  }

  @Test
  void means_are_weighted_by_numbers_and_by_tokens_only_where_there_were_some() {
    Sums sums =
        Sums.of(
            List.of(
                weight("model.layers.1.mlp.experts.0.up", 100, .01, OptionalDouble.of(.002), 70),
                weight("model.layers.1.mlp.experts.1.up", 300, .03, OptionalDouble.empty(), 0),
                weight("model.layers.0.attn.q", 50, .05, OptionalDouble.of(.004), 900)));
    assertThat(sums.layers().sequencedKeySet()).containsExactly(0, 1);
    assertThat(sums.roles().sequencedKeySet()).containsExactly("mlp.experts.*.up", "attn.q");
    Sum experts = sums.layers().get(1);
    assertThat(experts.error().orElseThrow()).isCloseTo(.025, within(1e-15));
    assertThat(experts.hessianError()).hasValue(.002);
    assertThat(experts.sourceBytes()).hasValue(800);
    assertThat(experts.seconds()).hasValue(1);
    assertThat(sums.worst())
        .extracting(w -> w.error().orElseThrow())
        .containsExactly(.05, .03, .01);
    assertThat(sums.cells()).hasSize(2);
  }

  @ParameterizedTest
  @CsvSource({
    "model.layers.12.self_attn.q_proj, 12, self_attn.q_proj, -1",
    "model.layers.3.mlp.experts.17.down_proj, 3, mlp.experts.*.down_proj, 17",
    "transformer.h.0.attn.c_attn.weight, 0, attn.c_attn, -1",
    "lm_head, -1, lm_head, -1",
    "model.layers.99999999999.x, -1, model.layers.99999999999.x, -1",
    "a.7, -1, a.7, -1",
    "'', -1, '', -1"
  })
  void a_name_says_where_its_module_stands(String name, int layer, String role, int expert) {
    assertThat(ModulePlace.of(name)).isEqualTo(new ModulePlace(layer, role, expert));
  }
}
