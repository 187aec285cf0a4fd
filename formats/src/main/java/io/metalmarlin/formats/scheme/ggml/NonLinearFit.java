package io.metalmarlin.formats.scheme.ggml;

/// Finds the factor for the levels of IQ4_NL and IQ4_XS: the element of largest magnitude is put on
/// the lowest level, then on 15 numbers around it, each with its least-squares factor.
///
/// Sums are fp32 in the order of the weights: with another order the bytes would not be ggml's.
final class NonLinearFit {
  /// The 16 levels, denser around zero.
  static final float[] LEVELS = {
    -127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113
  };

  /// Divisions that are tried.
  static final int TRIES = 16;

  private NonLinearFit() {}

  /// Steps of the element of largest magnitude in try `k`: the lowest level first, then from seven
  /// below it to seven above.
  static float steps(int k) {
    return k == 0 ? LEVELS[0] : k - 8 + LEVELS[0];
  }

  /// The factor for `x[o .. o + 32)`, 0 for a group of zeros.
  static float fit(float[] x, int o, float[] weights, int wo) {
    float largest = Extremes.largest(x, o, 32);
    if (Math.abs(largest) < SymmetricFit.NOTHING) {
      return 0;
    }
    float factor = 0;
    float best = 0;
    for (int k = 0; k < TRIES; k++) {
      float inverse = k == 0 ? 1 / (-largest / LEVELS[0]) : steps(k) / largest;
      float sumQX = 0;
      float sumQQ = 0;
      for (int j = 0; j < 32; j++) {
        float q = LEVELS[nearest(inverse * x[o + j])];
        float wq = weights[wo + j] * q;
        sumQX += wq * x[o + j];
        sumQQ += wq * q;
      }
      if (sumQQ > 0 && (k == 0 || sumQX * sumQX > best * sumQQ)) {
        factor = sumQX / sumQQ;
        best = factor * sumQX;
      }
    }
    return factor;
  }

  /// The code of the level nearest to `v`, of two equally near ones the upper.
  static int nearest(float v) {
    if (v <= LEVELS[0]) {
      return 0;
    }
    if (v >= LEVELS[15]) {
      return 15;
    }
    int low = 0;
    int high = 15;
    while (high - low > 1) {
      int middle = (low + high) / 2;
      if (v < LEVELS[middle]) {
        high = middle;
      } else {
        low = middle;
      }
    }
    return v - LEVELS[low] < LEVELS[high] - v ? low : high;
  }
}
