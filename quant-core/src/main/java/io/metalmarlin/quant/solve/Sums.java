package io.metalmarlin.quant.solve;

import java.util.Arrays;

/// Sums over the columns of a group that a straight line `w = slope * q + shift` is fitted with,
/// one row a lane.
final class Sums {
  private final float[] w;
  private final float[] q;
  private final float[] qq;
  private final float[] wq;

  Sums(int rows) {
    w = new float[rows];
    q = new float[rows];
    qq = new float[rows];
    wq = new float[rows];
  }

  void clear(int n) {
    Arrays.fill(w, 0, n, 0);
    Arrays.fill(q, 0, n, 0);
    Arrays.fill(qq, 0, n, 0);
    Arrays.fill(wq, 0, n, 0);
  }

  /// Adds one column.
  ///
  /// @param weights read from `at` on
  void add(float[] weights, int at, float[] rounded, int n) {
    for (int i = 0; i < n; i++) {
      float x = weights[at + i];
      float y = rounded[i];
      w[i] += x;
      q[i] += y;
      qq[i] += y * y;
      wq[i] += x * y;
    }
  }

  /// The slope of the best line through the origin; not finite where every value is 0.
  float ratio(int i) {
    return wq[i] / qq[i];
  }

  /// The slope of the best line; not finite where all values are the same.
  float slope(int i, int columns) {
    return (wq[i] - w[i] * q[i] / columns) / (qq[i] - q[i] * q[i] / columns);
  }

  /// Where the best line of this slope meets the axis.
  float shift(int i, float slope, int columns) {
    return (w[i] - slope * q[i]) / columns;
  }
}
