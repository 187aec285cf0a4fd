package io.metalmarlin.formats.scheme.ggml;

/// Finds, for groups of weights, the line `code * scale - min` (`code` in 0 to `levels`, `min >=
/// 0`) of small weighted error: from the full range as a start, the range is divided into more and
/// fewer steps, each division's codes get their least-squares line, and the best one stays.
///
/// Sums are fp32 in the order of the weights: with another order the bytes would not be ggml's.
///
/// @param levels the largest code
/// @param size weights of a group
/// @param first steps added to `levels` for the first division, below zero
/// @param step steps by which the divisions grow
/// @param divisions how many are tried after the first
/// @param absolute whether the error is the magnitude of the difference, not its square
record AffineFit(int levels, int size, float first, float step, int divisions, boolean absolute) {
  /// The search ggml uses with an importance.
  static AffineFit weighted(int levels, int size) {
    return new AffineFit(levels, size, -0.9f, 0.05f, 36, false);
  }

  /// Steps across the range in division `k`.
  float steps(int k) {
    return first + step * k + levels;
  }

  /// Fits `groups` groups of `x[o ..]`; `weights` and `lines` belong to them from their start on.
  void fit(float[] x, int o, int groups, float[] weights, Lines lines) {
    byte[] trial = new byte[size];
    for (int g = 0; g < groups; g++) {
      fitOne(x, o + g * size, weights, g * size, trial, lines, g);
    }
  }

  private void fitOne(float[] x, int o, float[] weights, int wo, byte[] trial, Lines lines, int g) {
    float min = x[o];
    float max = x[o];
    float sumW = weights[wo];
    float sumX = sumW * x[o];
    for (int i = 1; i < size; i++) {
      float v = x[o + i];
      min = v < min ? v : min;
      max = v > max ? v : max;
      sumW += weights[wo + i];
      sumX += weights[wo + i] * v;
    }
    min = min > 0 ? 0 : min;
    if (max == min) {
      put(lines, g, 0, min, 0, min);
      return;
    }
    float perStep = levels / (max - min);
    put(lines, g, 1 / perStep, min, perStep, min);
    encode(x, o, perStep, min, trial, 0);
    float best = error(x, o, weights, wo, 1 / perStep, min, trial);
    for (int k = 0; k <= divisions; k++) {
      perStep = steps(k) / (max - min);
      encode(x, o, perStep, min, trial, 0);
      float sumL = 0;
      float sumLL = 0;
      float sumXL = 0;
      for (int i = 0; i < size; i++) {
        float wl = weights[wo + i] * trial[i];
        sumL += wl;
        sumLL += wl * trial[i];
        sumXL += wl * x[o + i];
      }
      float determinant = sumW * sumLL - sumL * sumL;
      if (determinant > 0) {
        float newScale = (sumW * sumXL - sumX * sumL) / determinant;
        float newMin = (sumLL * sumX - sumL * sumXL) / determinant;
        if (newMin > 0) {
          newMin = 0;
          newScale = sumXL / sumLL;
        }
        float error = error(x, o, weights, wo, newScale, newMin, trial);
        if (error < best) {
          put(lines, g, newScale, newMin, perStep, min);
          best = error;
          min = newMin;
        }
      }
    }
  }

  /// Writes the codes of the fit of group `g`, whose weights are `x[o .. o + size)`.
  void codes(float[] x, int o, Lines lines, int g, byte[] codes, int co) {
    encode(x, o, lines.step()[g], lines.origin()[g], codes, co);
  }

  private static void put(Lines lines, int g, float scale, float min, float step, float origin) {
    lines.scale()[g] = scale;
    lines.min()[g] = -min;
    lines.step()[g] = step;
    lines.origin()[g] = origin;
  }

  private void encode(float[] x, int o, float perStep, float origin, byte[] codes, int co) {
    for (int i = 0; i < size; i++) {
      int l = Rounding.nearest(perStep * (x[o + i] - origin));
      codes[co + i] = (byte) Math.max(0, Math.min(levels, l));
    }
  }

  private float error(
      float[] x, int o, float[] weights, int wo, float scale, float min, byte[] codes) {
    float error = 0;
    for (int i = 0; i < size; i++) {
      float difference = scale * codes[i] + min - x[o + i];
      error += weights[wo + i] * (absolute ? Math.abs(difference) : difference * difference);
    }
    return error;
  }
}
