package io.metalmarlin.quant.calibrate;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
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

class HessianAccumulatorTest {
  private final Workers one = new Workers(1);
  private final Arena arena = Arena.ofShared();

  @AfterEach
  void free() {
    arena.close();
    one.close();
  }

  @ParameterizedTest
  @CsvSource({"1,1,1", "7,33,40", "300,256,256", "2500,290,300", "4096,513,513"})
  void equalsTheDoublePrecisionSum(int rows, int cols, int ld) {
    MemorySegment x = random(rows, ld);
    try (HessianAccumulator accumulator = new HessianAccumulator("test", cols, one)) {
      accumulator.add(x, rows, ld);
      try (InputStatistics s = accumulator.finish()) {
        assertThat(s.tokens()).isEqualTo(rows);
        assertThat(s.cols()).isEqualTo(cols);
        float largest = 0;
        for (int i = 0; i < rows; i++) {
          for (int j = 0; j < cols; j++) {
            largest = Math.max(largest, Math.abs(x.getAtIndex(JAVA_FLOAT, (long) i * ld + j)));
          }
        }
        assertThat(s.absMax()).isEqualTo(largest);
        for (int i = 0; i < cols; i += 1 + cols / 40) {
          for (int j = 0; j < cols; j += 1 + cols / 40) {
            double sum = 0;
            for (int t = 0; t < rows; t++) {
              sum +=
                  (double) x.getAtIndex(JAVA_FLOAT, (long) t * ld + i)
                      * x.getAtIndex(JAVA_FLOAT, (long) t * ld + j);
            }
            assertThat(s.hessian().getDouble(i, j)).isCloseTo(sum / rows, within(3e-6));
            assertThat(s.hessian().getDouble(j, i)).isEqualTo(s.hessian().getDouble(i, j));
          }
        }
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"2", "3", "4"})
  void threadsDoNotChangeABit(int threads) {
    MemorySegment x = random(5000, 600);
    try (Workers many = new Workers(threads)) {
      assertThat(hessian(x, 600, many, 5000)).isEqualTo(hessian(x, 600, one, 5000));
    }
  }

  @Test
  void callsOfWholeBlocksDoNotChangeABit() {
    MemorySegment x = random(6000, 300);
    assertThat(hessian(x, 300, one, 2048, 2048, 1904)).isEqualTo(hessian(x, 300, one, 6000));
    assertThat(hessian(x, 300, one, 4096, 1904)).isEqualTo(hessian(x, 300, one, 6000));
  }

  @ParameterizedTest
  @ValueSource(ints = {7, 16, 18})
  void namesTheFirstInputThatIsNotFinite(int column) {
    // 19 columns and one of padding, whose content does not matter.
    MemorySegment x = random(40, 20);
    x.setAtIndex(JAVA_FLOAT, 3 * 20 + 19, Float.NaN);
    x.setAtIndex(JAVA_FLOAT, 33 * 20 + column, Float.NaN);
    try (HessianAccumulator accumulator = new HessianAccumulator("layers.3.q_proj", 19, one)) {
      assertThatThrownBy(() -> accumulator.add(x, 40, 20))
          .isInstanceOfSatisfying(
              MarlinException.class,
              e -> {
                assertThat(e.code()).isEqualTo(ErrorCode.NON_FINITE);
                assertThat(e.where()).isEqualTo("layers.3.q_proj");
                assertThat(e).hasMessageContaining("NaN at token 33, column " + column);
              });
    }
  }

  @Test
  void productsBeyondSinglePrecisionAreAnError() {
    MemorySegment x = random(4, 3);
    x.setAtIndex(JAVA_FLOAT, 1, 1e30f);
    try (HessianAccumulator accumulator = new HessianAccumulator("test", 3, one)) {
      accumulator.add(x, 4, 3);
      assertThatThrownBy(accumulator::finish)
          .isInstanceOfSatisfying(
              MarlinException.class,
              e -> assertThat(e.code()).isEqualTo(ErrorCode.NUMERIC_FAILURE));
    }
  }

  @Test
  void withoutTokensThereIsNoResult() {
    try (HessianAccumulator accumulator = new HessianAccumulator("test", 3, one)) {
      assertThatThrownBy(accumulator::finish)
          .isInstanceOfSatisfying(
              MarlinException.class,
              e -> assertThat(e.code()).isEqualTo(ErrorCode.CALIBRATION_TOO_SHORT));
    }
  }

  private double[] hessian(MemorySegment x, int cols, Workers workers, int... calls) {
    try (HessianAccumulator accumulator = new HessianAccumulator("test", cols, workers)) {
      long row = 0;
      for (int rows : calls) {
        accumulator.add(x.asSlice(row * cols * Float.BYTES), rows, cols);
        row += rows;
      }
      try (InputStatistics s = accumulator.finish()) {
        return ArrayMemory.of(s.hessian()).toArray(JAVA_DOUBLE);
      }
    }
  }

  private MemorySegment random(int rows, int cols) {
    SplittableRandom random = new SplittableRandom(5);
    MemorySegment s = arena.allocate(JAVA_FLOAT, (long) rows * cols);
    for (long i = 0; i < (long) rows * cols; i++) {
      s.setAtIndex(JAVA_FLOAT, i, (float) (random.nextDouble() * 2 - 1));
    }
    return s;
  }
}
