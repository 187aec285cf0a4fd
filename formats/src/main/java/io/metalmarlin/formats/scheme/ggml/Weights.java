package io.metalmarlin.formats.scheme.ggml;

import org.jspecify.annotations.Nullable;

/// How much the error of each weight counts in a fit.
final class Weights {
  private Weights() {}

  /// The sum of the squares of `x[o .. o + n)`, added in order.
  static float squares(float[] x, int o, int n) {
    float sum = 0;
    for (int j = 0; j < n; j++) {
      sum += x[o + j] * x[o + j];
    }
    return sum;
  }

  /// Importance times `sqrt(square + x^2)`, for `n` weights: large ones count more, small ones not
  /// nothing.
  static void fill(
      float[] x, int o, float[] importance, int io, float square, float[] weights, int wo, int n) {
    for (int j = 0; j < n; j++) {
      float v = x[o + j];
      weights[wo + j] = importance[io + j] * (float) Math.sqrt(square + v * v);
    }
  }

  /// The weights of one block of the IQ4 types: as [#fill] with twice the mean square of the block,
  /// or `x^2` without an importance.
  static void fillLevels(
      float[] x, int o, float @Nullable [] importance, int io, float[] weights, int wo, int n) {
    if (importance != null) {
      fill(x, o, importance, io, squares(x, o, n) * (2f / n), weights, wo, n);
      return;
    }
    for (int j = 0; j < n; j++) {
      weights[wo + j] = x[o + j] * x[o + j];
    }
  }

  /// The root of the mean square plus `|x|`.
  static void fillAboveRoot(float[] x, int o, float[] weights, int wo, int n) {
    float root = (float) Math.sqrt(squares(x, o, n) / n);
    for (int j = 0; j < n; j++) {
      weights[wo + j] = root + Math.abs(x[o + j]);
    }
  }
}
