package io.metalmarlin.quant.solve;

import io.metalmarlin.formats.scheme.Sparse24Matrix;

/// Chooses which two of four columns are kept, for many rows at once.
///
/// The columns of a quad are numbered 0 to 3 in stored order, in which they are also walked. Quads
/// with at most two weights that are not zero keep exactly those.
final class Quads {
  private static final int PATTERNS = 6;

  private Quads() {}

  /// Keeps the two columns with the largest `factor[k] * |w|`; the lower one of equals.
  ///
  /// @param w weights, column k from index `k * n`
  /// @param keep receives 0 or 1, column k from index `first + k * n`
  static void largest(float[] w, float[] factor, int n, byte[] keep, int first) {
    for (int i = 0; i < n; i++) {
      if (keptAsItIs(w, i, n, keep, first)) {
        continue;
      }
      int best = -1;
      int second = -1;
      for (int k = 0; k < 4; k++) {
        float score = factor[k] * Math.abs(w[k * n + i]);
        if (best < 0 || score > factor[best] * Math.abs(w[best * n + i])) {
          second = best;
          best = k;
        } else if (second < 0 || score > factor[second] * Math.abs(w[second * n + i])) {
          second = k;
        }
      }
      mark(1 << best | 1 << second, i, n, keep, first);
    }
  }

  /// Keeps the two columns whose removal of the other two costs least, later columns making up for
  /// it: with `x` the value of a column when all before it are exact, removing a and then b costs
  /// `pivot_a x_a^2 + pivot_b (x_b - gain_ab x_a)^2`. The lowest pattern of equals.
  ///
  /// @param w original weights, column k from index `k * n`
  /// @param x values, laid out like `w`
  /// @param pivot of the factor, by column
  /// @param gain of [#gains]
  /// @param keep receives 0 or 1, column k from index `first + k * n`
  static void cheapest(
      float[] w, float[] x, double[] pivot, float[][] gain, int n, byte[] keep, int first) {
    for (int i = 0; i < n; i++) {
      if (keptAsItIs(w, i, n, keep, first)) {
        continue;
      }
      int best = 0;
      double least = Double.POSITIVE_INFINITY;
      for (int p = 0; p < PATTERNS; p++) {
        int kept = 1 << Sparse24Matrix.first(p) | 1 << Sparse24Matrix.second(p);
        int a = Integer.numberOfTrailingZeros(~kept);
        int b = Integer.numberOfTrailingZeros(~kept & ~(1 << a));
        double xa = x[a * n + i];
        double xb = x[b * n + i] - gain[a][b] * xa;
        double loss = pivot[a] * xa * xa + pivot[b] * xb * xb;
        if (loss < least) {
          least = loss;
          best = kept;
        }
      }
      mark(best, i, n, keep, first);
    }
  }

  /// How far an error of column a, moved on through the columns between, reaches column b > a of
  /// the quad: the deviation of b is `gain[a][b]` times the error of a.
  ///
  /// @param multiplier `[m][k]` for m < k: by what a deviation of m moves k
  static float[][] gains(float[][] multiplier) {
    float[][] gain = new float[4][4];
    for (int a = 0; a < 4; a++) {
      for (int b = a + 1; b < 4; b++) {
        float sum = multiplier[a][b];
        for (int m = a + 1; m < b; m++) {
          sum += gain[a][m] * multiplier[m][b];
        }
        gain[a][b] = -sum;
      }
    }
    return gain;
  }

  private static boolean keptAsItIs(float[] w, int i, int n, byte[] keep, int first) {
    int mask = 0;
    for (int k = 0; k < 4; k++) {
      mask |= w[k * n + i] != 0 ? 1 << k : 0;
    }
    if (Integer.bitCount(mask) > 2) {
      return false;
    }
    mark(mask, i, n, keep, first);
    return true;
  }

  private static void mark(int mask, int i, int n, byte[] keep, int first) {
    for (int k = 0; k < 4; k++) {
      keep[first + k * n + i] = (byte) (mask >> k & 1);
    }
  }
}
