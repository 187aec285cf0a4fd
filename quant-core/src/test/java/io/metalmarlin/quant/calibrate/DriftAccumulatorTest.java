package io.metalmarlin.quant.calibrate;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.runtime.blas.Workers;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DriftAccumulatorTest {
  private final Workers one = new Workers(1);
  private final Arena arena = Arena.ofShared();

  @AfterEach
  void free() {
    arena.close();
    one.close();
  }

  @ParameterizedTest
  @CsvSource({"1,1", "7,33", "1500,300", "2500,257"})
  void equals_the_double_precision_sum(int rows, int cols) {
    MemorySegment x = random(rows, cols, 1);
    MemorySegment xq = random(rows, cols, 2);
    double[] cross = cross(cols, one, x, xq, rows);
    for (int i = 0; i < cols; i += 1 + cols / 30) {
      for (int j = 0; j < cols; j += 1 + cols / 30) {
        double sum = 0;
        for (int t = 0; t < rows; t++) {
          double to = at(xq, cols, t, i);
          sum += (at(x, cols, t, i) - to) * at(xq, cols, t, j);
        }
        assertThat(cross[i * cols + j]).isCloseTo(sum / rows, within(3e-6));
      }
    }
  }

  @Test
  void equal_streams_give_exact_zeros() {
    MemorySegment x = random(1200, 70, 3);
    assertThat(cross(70, one, x, x, 1200)).containsOnly(0.0);
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3})
  void threads_do_not_change_a_bit(int threads) {
    MemorySegment x = random(3000, 600, 4);
    MemorySegment xq = random(3000, 600, 5);
    try (Workers many = new Workers(threads)) {
      assertThat(cross(600, many, x, xq, 3000)).isEqualTo(cross(600, one, x, xq, 3000));
    }
  }

  @Test
  void no_token_is_an_error() {
    try (DriftAccumulator accumulator = new DriftAccumulator("layers.0.q", 4, one)) {
      assertThatThrownBy(accumulator::finish)
          .isInstanceOfSatisfying(
              MarlinException.class,
              e -> {
                assertThat(e.code()).isEqualTo(ErrorCode.CALIBRATION_TOO_SHORT);
                assertThat(e.where()).isEqualTo("layers.0.q");
              });
    }
  }

  @Test
  void an_input_that_is_not_finite_is_an_error() {
    MemorySegment x = random(20, 5, 6);
    x.setAtIndex(JAVA_FLOAT, 3 * 5 + 2, Float.NaN);
    try (DriftAccumulator accumulator = new DriftAccumulator("layers.0.q", 5, one)) {
      accumulator.add(x, random(20, 5, 7), 20);
      assertThatThrownBy(accumulator::finish)
          .isInstanceOfSatisfying(
              MarlinException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.NUMERIC_FAILURE))
          .hasMessageContaining("columns 2 and 0");
    }
  }

  private static double[] cross(
      int cols, Workers workers, MemorySegment x, MemorySegment xq, int rows) {
    try (DriftAccumulator accumulator = new DriftAccumulator("test", cols, workers)) {
      accumulator.add(x, xq, rows);
      try (InputDrift drift = accumulator.finish()) {
        assertThat(drift.tokens()).isEqualTo(rows);
        return drift.cross().dup().data().asDouble();
      }
    }
  }

  private static double at(MemorySegment x, int cols, int row, int col) {
    return x.getAtIndex(JAVA_FLOAT, (long) row * cols + col);
  }

  private MemorySegment random(int rows, int cols, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    MemorySegment x = arena.allocate((long) rows * cols * Float.BYTES, 64);
    for (long i = 0; i < (long) rows * cols; i++) {
      x.setAtIndex(JAVA_FLOAT, i, (float) (2 * random.nextDouble() - 1));
    }
    return x;
  }
}
