package io.metalmarlin.quant.convert;

/// What is added up over the tiles of a matrix, in tile order.
///
/// @param error `|Q-W|^2`
/// @param weight `|W|^2`
/// @param largest largest magnitude of W
record TileSum(double error, double weight, float largest) {
  static final TileSum ZERO = new TileSum(0, 0, 0);

  static TileSum of(float[] w, float[] q) {
    double error = 0;
    double weight = 0;
    for (int i = 0; i < w.length; i++) {
      double d = (double) q[i] - w[i];
      error += d * d;
      weight += (double) w[i] * w[i];
    }
    return new TileSum(error, weight, 0);
  }

  static TileSum largest(float[] w) {
    float max = 0;
    for (float x : w) {
      max = Math.max(max, Math.abs(x));
    }
    return new TileSum(0, 0, max);
  }

  TileSum plus(TileSum o) {
    return new TileSum(error + o.error, weight + o.weight, Math.max(largest, o.largest));
  }

  /// `|Q-W| / |W|`; a matrix of zeros that stays one has error 0.
  double relative() {
    return error == 0 ? 0 : Math.sqrt(error / weight);
  }
}
