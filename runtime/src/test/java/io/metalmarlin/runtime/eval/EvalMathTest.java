package io.metalmarlin.runtime.eval;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.runtime.eval.EvalResult.Divergence;
import io.metalmarlin.runtime.eval.EvalResult.Interval;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The sums behind the metrics against naive double arithmetic.
class EvalMathTest {
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 7, 8, 9, 15, 16, 17, 100, 1023})
  void likelihood_and_divergence_equal_the_definitions(int n) {
    MemorySegment reference = random(n, 1);
    MemorySegment model = random(n, 2);
    double[] p = softmax(reference, n);
    double[] q = softmax(model, n);
    double kld = 0;
    for (int i = 0; i < n; i++) {
      kld += p[i] * Math.log(p[i] / q[i]);
    }
    PositionScores scores = new PositionScores(2, 1, n, true);
    scores.pair(0, reference, model, 0, n / 2);
    scores.pair(1, reference, model, 0, n / 2);
    Divergence d = scores.divergence();
    assertThat(scores.meanNll().mean()).isCloseTo(-Math.log(q[n / 2]), Offset.offset(1e-12));
    assertThat(d.mean().mean()).isCloseTo(kld, Offset.offset(1e-12));
    assertThat(d.referencePerplexity()).isCloseTo(1 / p[n / 2], Offset.offset(1e-9 / p[n / 2]));
  }

  @Test
  void a_model_does_not_diverge_from_itself() {
    MemorySegment row = random(777, 3);
    PositionScores scores = new PositionScores(2, 1, 777, true);
    scores.pair(0, row, row, 0, 5);
    scores.pair(1, row, row, 0, 6);
    assertThat(scores.divergence().max()).isZero();
    assertThat(scores.divergence().top1().mean()).isEqualTo(1);
    assertThat(scores.divergence().logPerplexityRatio().mean()).isZero();
  }

  @ParameterizedTest
  @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY})
  void logits_that_are_not_finite_are_refused_with_their_window(float bad) {
    MemorySegment row = random(40, 4);
    row.setAtIndex(JAVA_FLOAT, 33, bad);
    PositionScores scores = new PositionScores(9, 3, 40, false);
    assertThatThrownBy(() -> scores.model(3 * 7 + 2, row, 0, 1))
        .isInstanceOfSatisfying(
            MarlinException.class,
            e -> {
              assertThat(e.code()).isEqualTo(ErrorCode.NUMERIC_FAILURE);
              assertThat(e.where()).isEqualTo("window 7, scored position 2");
            });
  }

  @Test
  void windows_are_the_units_of_the_interval() {
    // Two windows of two positions: S = (3, 7), mean 2.5, SE = sqrt(2/1 * (2^2 + 2^2)) / 4 = 1.
    Interval i = Statistics.mean(new double[] {1, 2, 3, 4}, 2);
    assertThat(i.mean()).isEqualTo(2.5);
    assertThat(i.high()).isCloseTo(2.5 + 12.706, Offset.offset(1e-12));
    assertThat(i.low()).isCloseTo(2.5 - 12.706, Offset.offset(1e-12));
  }

  @Test
  void many_windows_take_the_normal_quantile() {
    double[] values = new double[40];
    for (int i = 0; i < 40; i++) {
      values[i] = i % 2;
    }
    Interval i = Statistics.mean(values, 1);
    double error = Math.sqrt(40.0 / 39 * 40 * 0.25) / 40;
    assertThat(i.high() - i.mean()).isCloseTo(1.96 * error, Offset.offset(1e-12));
  }

  @Test
  void one_window_has_no_interval() {
    assertThat(Statistics.mean(new double[] {1, 2}, 2).low()).isNaN();
  }

  @Test
  void quantiles_interpolate_between_neighbours() {
    double[] sorted = {0, 10, 20, 30};
    assertThat(Statistics.quantile(sorted, 0.5)).isEqualTo(15);
    assertThat(Statistics.quantile(sorted, 1)).isEqualTo(30);
    assertThat(Statistics.quantile(new double[] {7}, 0.9)).isEqualTo(7);
  }

  private static MemorySegment random(int n, long seed) {
    SplittableRandom r = new SplittableRandom(seed);
    MemorySegment s = Arena.ofAuto().allocate(4L * n, 64);
    for (int i = 0; i < n; i++) {
      s.setAtIndex(JAVA_FLOAT, i, (float) (r.nextDouble() * 30 - 15));
    }
    return s;
  }

  private static double[] softmax(MemorySegment row, int n) {
    double[] p = new double[n];
    double sum = 0;
    for (int i = 0; i < n; i++) {
      p[i] = Math.exp(row.getAtIndex(JAVA_FLOAT, i));
      sum += p[i];
    }
    for (int i = 0; i < n; i++) {
      p[i] /= sum;
    }
    return p;
  }
}
