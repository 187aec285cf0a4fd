package io.metalmarlin.quant.solve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.metalmarlin.formats.scheme.QuantizedMatrix;
import io.metalmarlin.formats.scheme.ScaleType;
import io.metalmarlin.formats.scheme.TensorScale;
import io.metalmarlin.formats.scheme.TrellisMatrix;
import io.metalmarlin.formats.scheme.TrellisScheme;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The search for a path against the plain dynamic programme in double precision, and what it finds
/// against the error of scalar codebooks.
class TrellisGridTest {
  private static final int STATES = 1 << TrellisScheme.STATE_BITS;

  @ParameterizedTest
  @CsvSource({"2, 16", "3, 16", "4, 16", "2, 48"})
  void noPathWithTheSameEndsIsBetter(int bits, int rows) {
    float[] values = TrellisScheme.values();
    float[] v = gaussian(rows, 5);
    float[] scale = new float[rows];
    SplittableRandom random = new SplittableRandom(9);
    for (int i = 0; i < rows; i++) {
      scale[i] = .02f * (1 + i % 3);
      v[i] *= scale[i];
    }
    TrellisPaths paths = new TrellisPaths(bits, values);
    paths.load(v, 0, scale, 0, rows);
    int crossing = random.nextInt(STATES >> bits);
    paths.search(0, crossing);
    double cost = 0;
    for (int i = 0; i < rows; i++) {
      cost += Math.pow(v[i] - (double) scale[i] * values[paths.state(i)], 2);
      int next = paths.state((i + 1) % rows);
      assertThat(next & (STATES >> bits) - 1).isEqualTo(paths.state(i) >> bits);
    }
    assertThat(paths.state(0) & (STATES >> bits) - 1).isEqualTo(crossing);
    assertThat(cost).isCloseTo(cheapest(bits, v, scale, crossing), within(1e-4 * cost));
  }

  /// Forwards, from the first row to the last, by the definition of neighbouring states.
  private static double cheapest(int bits, float[] v, float[] scale, int crossing) {
    int groups = STATES >> bits;
    double[] cost = new double[STATES];
    for (int row = 0; row < v.length; row++) {
      double[] after = new double[STATES];
      for (int s = 0; s < STATES; s++) {
        double above = Double.POSITIVE_INFINITY;
        for (int lost = 0; lost < 1 << bits; lost++) {
          above = Math.min(above, cost[(s % groups << bits) + lost]);
        }
        boolean begins = s % groups == crossing;
        double before = row > 0 ? above : begins ? 0 : Double.POSITIVE_INFINITY;
        after[s] = before + Math.pow(v[row] - (double) scale[row] * TrellisScheme.value(s), 2);
      }
      cost = after;
    }
    double best = Double.POSITIVE_INFINITY;
    for (int s = 0; s < STATES; s++) {
      best = s >> bits == crossing ? Math.min(best, cost[s]) : best;
    }
    return best;
  }

  /// Scalar codebooks of the same width leave .1175, .0345 and .0095.
  @ParameterizedTest
  @CsvSource({"2, .080, 1.04", "3, .0215, 1.08", "4, .0060, 1.1"})
  void normalNumbersLoseMuchLessThanInAScalarBook(int bits, double most, float factor) {
    TrellisGrid grid = new TrellisGrid(new TrellisScheme(bits, 64, ScaleType.F16));
    int n = 256;
    float[] scale = new float[n];
    Arrays.fill(scale, factor);
    float[] q = new float[n];
    int[] code = new int[n];
    double error = 0;
    double power = 0;
    for (int column = 0; column < 24; column++) {
      float[] v = gaussian(n, column);
      grid.round(v, 0, scale, scale, 0, n, q, code);
      for (int i = 0; i < n; i++) {
        error += Math.pow(v[i] - q[i], 2);
        power += v[i] * v[i];
      }
    }
    assertThat(error / power).isLessThan(most);
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 4})
  void whatIsStoredDecodesToWhatWasRounded(int bits) {
    TrellisScheme scheme = new TrellisScheme(bits, 32, ScaleType.F16);
    int rows = 48;
    int cols = 32;
    MemorySegment codes = MemorySegment.ofArray(new byte[rows * cols * bits / 8]);
    MemorySegment scales = MemorySegment.ofArray(new byte[2 * rows]);
    QuantizedMatrix symbols =
        new QuantizedMatrix(scheme.symbols(), rows, cols, codes, scales, TensorScale.NONE);
    float[] scale = new float[rows];
    for (int row = 0; row < rows; row++) {
      int code = ScaleType.F16.nearest(.01f * (row + 1));
      symbols.putGroup(row, 0, code, 0);
      scale[row] = ScaleType.F16.value(code);
    }
    float[] expected = new float[rows * cols];
    float[] q = new float[rows];
    int[] code = new int[rows];
    TrellisGrid grid = new TrellisGrid(scheme);
    for (int col = 0; col < cols; col++) {
      float[] v = gaussian(rows, col);
      grid.round(v, 0, scale, scale, 0, rows, q, code);
      for (int row = 0; row < rows; row++) {
        symbols.putCode(row, col, code[row]);
        expected[row * cols + col] = q[row];
      }
    }
    float[] decoded = new float[rows * cols];
    new TrellisMatrix(scheme, symbols).decode(0, rows, decoded);
    assertThat(decoded).isEqualTo(expected);
  }

  private static float[] gaussian(int n, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] v = new float[n];
    for (int i = 0; i < n; i++) {
      v[i] = (float) random.nextGaussian();
    }
    return v;
  }
}
