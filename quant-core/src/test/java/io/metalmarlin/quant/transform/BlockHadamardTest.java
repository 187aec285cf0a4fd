package io.metalmarlin.quant.transform;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.model.InputTransform;
import io.metalmarlin.quant.calibrate.ArrayMemory;
import io.metalmarlin.quant.calibrate.InputStatistics;
import io.metalmarlin.runtime.blas.Workers;
import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

class BlockHadamardTest {
  private final SplittableRandom random = new SplittableRandom(3);

  @ParameterizedTest
  @ValueSource(ints = {16, 32})
  void appliesTheSylvesterMatrixToEachBlock(int k) {
    int cols = 3 * k;
    float[] w = floats(2 * cols);
    float[] rotated = rotate(k, w, 2, cols);
    for (int r = 0; r < 2; r++) {
      for (int j = 0; j < cols; j++) {
        double sum = 0;
        for (int i = 0; i < cols; i++) {
          sum += w[r * cols + i] * entry(k, i, j);
        }
        assertThat((double) rotated[r * cols + j]).isCloseTo(sum, within(1e-6));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {16, 32})
  void isItsOwnInverse(int k) {
    float[] w = floats(5 * 4 * k);
    float[] twice = rotate(k, rotate(k, w, 5, 4 * k), 5, 4 * k);
    for (int i = 0; i < w.length; i++) {
      assertThat(twice[i]).isCloseTo(w[i], within(1e-6f));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {16, 32})
  void leavesTheProductUnchanged(int k) {
    int cols = 8 * k;
    float[] x = floats(cols);
    float[] w = floats(cols);
    float[] xr = rotate(k, x, 1, cols);
    float[] wr = rotate(k, w, 1, cols);
    double before = 0;
    double after = 0;
    for (int i = 0; i < cols; i++) {
      before += (double) x[i] * w[i];
      after += (double) xr[i] * wr[i];
    }
    assertThat(after).isCloseTo(before, within(1e-5));
  }

  @ParameterizedTest
  @ValueSource(ints = {16, 32})
  void rotatesStatisticsOnBothSides(int k) {
    int cols = 3 * k;
    INDArray h = ArrayMemory.zeros(DataType.DOUBLE, cols, cols);
    MemorySegment m = ArrayMemory.of(h);
    for (int i = 0; i < cols; i++) {
      for (int j = 0; j <= i; j++) {
        double v = random.nextDouble();
        m.setAtIndex(JAVA_DOUBLE, (long) i * cols + j, v);
        m.setAtIndex(JAVA_DOUBLE, (long) j * cols + i, v);
      }
    }
    try (Workers workers = new Workers(2);
        InputStatistics s = new InputStatistics(h, 9, 1);
        InputStatistics rotated = new BlockHadamard(k).applyTo(s, workers)) {
      assertThat(rotated.tokens()).isEqualTo(9);
      assertThat(rotated.absMax()).isNaN();
      for (int i = 0; i < cols; i++) {
        for (int j = 0; j < cols; j++) {
          double sum = 0;
          for (int a = i / k * k; a < i / k * k + k; a++) {
            for (int b = j / k * k; b < j / k * k + k; b++) {
              sum += entry(k, i, a) * h.getDouble(a, b) * entry(k, b, j);
            }
          }
          assertThat(rotated.hessian().getDouble(i, j)).isCloseTo(sum, within(1e-12));
        }
      }
    }
  }

  @Test
  void fitsWidthsItDivides() {
    assertThat(new BlockHadamard(32).fits(96)).isTrue();
    assertThat(new BlockHadamard(32).fits(80)).isFalse();
    assertThatThrownBy(() -> rotate(32, new float[80], 1, 80))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void recipesNameTransforms() {
    assertThat(Transforms.of("had16").online()).contains(new InputTransform(16));
    assertThat(Transforms.of("none").online()).isEmpty();
    assertThatThrownBy(() -> Transforms.of("had64"))
        .isInstanceOfSatisfying(
            MarlinException.class,
            e -> {
              assertThat(e.code()).isEqualTo(ErrorCode.BAD_RECIPE);
              assertThat(e.hint()).isEqualTo("Use one of none, had16, had32.");
            });
  }

  private static double entry(int k, int i, int j) {
    boolean same = i / k == j / k;
    return same ? (Integer.bitCount(i % k & j % k) % 2 == 0 ? 1 : -1) / Math.sqrt(k) : 0;
  }

  private static float[] rotate(int k, float[] w, int rows, int cols) {
    float[] copy = w.clone();
    new BlockHadamard(k).applyToRows(MemorySegment.ofArray(copy), rows, cols);
    return copy;
  }

  private float[] floats(int n) {
    float[] f = new float[n];
    for (int i = 0; i < n; i++) {
      f[i] = (float) (random.nextDouble() - .5);
    }
    return f;
  }
}
