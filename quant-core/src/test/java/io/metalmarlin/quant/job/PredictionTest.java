package io.metalmarlin.quant.job;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PredictionTest {
  @ParameterizedTest
  @CsvSource({
    ".02, .0299, true",
    ".02, .0301, false",
    ".03, .0201, true",
    ".03, .0199, false",
    ".02, 0, false"
  })
  void it_holds_within_its_factor(double predicted, double measured, boolean holds) {
    Prediction p = new Prediction(predicted, measured);
    assertThat(p.holds()).isEqualTo(holds);
    assertThat(p.json().get("ratio").asDouble()).isEqualTo(measured / predicted);
  }
}
