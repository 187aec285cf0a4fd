package io.metalmarlin.quant.solve;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import java.lang.foreign.MemorySegment;

/// The part of a triangular factor that belongs to one run of columns, in the form of
/// [ColumnFactor].
///
/// @param multipliers `L[i,c] / L[c,c]` at `c * size + i`
/// @param pivots `L[c,c]^2`, in units of `weight`
/// @param weight the largest pivot
record RunFactor(int size, float[] multipliers, float[] pivots, double weight) {
  /// The tile of a factor at positions `[from, from + size)`.
  ///
  /// @param lower memory of the factor
  static RunFactor of(ColumnFactor factor, MemorySegment lower, int from, int size) {
    int d = factor.order().length;
    double[] multipliers = new double[size * size];
    double[] pivots = new double[size];
    for (int i = 0; i < size; i++) {
      for (int c = 0; c < i; c++) {
        multipliers[c * size + i] =
            lower.get(JAVA_FLOAT_UNALIGNED, ((long) (from + i) * d + from + c) * Float.BYTES);
      }
      pivots[i] = factor.pivots()[from + i];
    }
    return scaled(size, multipliers, pivots);
  }

  /// Factors the tile of a positive matrix of width d at positions `[from, from + size)`.
  static RunFactor ofMatrix(MemorySegment matrix, int d, int from, int size) {
    double[] l = new double[size * size];
    double[] multipliers = new double[size * size];
    double[] pivots = new double[size];
    for (int c = 0; c < size; c++) {
      for (int i = c; i < size; i++) {
        double sum =
            matrix.get(JAVA_FLOAT_UNALIGNED, ((long) (from + i) * d + from + c) * Float.BYTES);
        for (int k = 0; k < c; k++) {
          sum -= l[i * size + k] * l[c * size + k] * pivots[k];
        }
        if (i == c) {
          pivots[c] = sum;
        } else {
          l[i * size + c] = sum / pivots[c];
          multipliers[c * size + i] = l[i * size + c];
        }
      }
    }
    return scaled(size, multipliers, pivots);
  }

  /// Replaces `b` by `b inv(A)`, A the factored tile.
  ///
  /// @param b `lanes` numbers a column
  void solve(float[] b, int lanes) {
    for (int c = 0; c < size; c++) {
      for (int k = 0; k < c; k++) {
        Lanes.subtractScaled(b, c * lanes, b, k * lanes, multipliers[k * size + c], lanes);
      }
    }
    for (int c = size - 1; c >= 0; c--) {
      float inverse = (float) (1 / (pivots[c] * weight));
      for (int i = c * lanes; i < (c + 1) * lanes; i++) {
        b[i] *= inverse;
      }
      for (int k = c + 1; k < size; k++) {
        Lanes.subtractScaled(b, c * lanes, b, k * lanes, multipliers[c * size + k], lanes);
      }
    }
  }

  private static RunFactor scaled(int size, double[] multipliers, double[] pivots) {
    double weight = 0;
    for (double p : pivots) {
      weight = Math.max(weight, p);
    }
    float[] m = new float[multipliers.length];
    for (int i = 0; i < m.length; i++) {
      m[i] = (float) multipliers[i];
    }
    float[] p = new float[size];
    for (int i = 0; i < size; i++) {
      p[i] = (float) (pivots[i] / weight);
    }
    return new RunFactor(size, m, p, weight);
  }
}
