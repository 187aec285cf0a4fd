package io.metalmarlin.formats.scheme.ggml;

import java.util.Arrays;

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

  /// Fits `groups` groups of `x[o ..]`, with `weights`, `codes`, `scales` and `mins` from their
  /// start on.
  void fit(
      float[] x, int o, int groups, float[] weights, byte[] codes, float[] scales, float[] mins) {
    byte[] trial = new byte[size];
    for (int g = 0; g < groups; g++) {
      fitOne(x, o + g * size, weights, g * size, codes, trial, scales, mins, g);
    }
  }

  private void fitOne(
      float[] x,
      int o,
      float[] weights,
      int wo,
      byte[] codes,
      byte[] trial,
      float[] scales,
      float[] mins,
      int g) {
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
      Arrays.fill(codes, wo, wo + size, (byte) 0);
      scales[g] = 0;
      mins[g] = -min;
      return;
    }
    float perStep = levels / (max - min);
    float scale = 1 / perStep;
    encode(x, o, perStep, min, codes, wo);
    float best = error(x, o, weights, wo, scale, min, codes, wo);
    for (int k = 0; k <= divisions; k++) {
      perStep = (first + step * k + levels) / (max - min);
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
        float error = error(x, o, weights, wo, newScale, newMin, trial, 0);
        if (error < best) {
          System.arraycopy(trial, 0, codes, wo, size);
          best = error;
          scale = newScale;
          min = newMin;
        }
      }
    }
    scales[g] = scale;
    mins[g] = -min;
  }

  private void encode(float[] x, int o, float perStep, float min, byte[] codes, int co) {
    for (int i = 0; i < size; i++) {
      int l = Rounding.nearest(perStep * (x[o + i] - min));
      codes[co + i] = (byte) Math.max(0, Math.min(levels, l));
    }
  }

  private float error(
      float[] x, int o, float[] weights, int wo, float scale, float min, byte[] codes, int co) {
    float error = 0;
    for (int i = 0; i < size; i++) {
      float difference = scale * codes[co + i] + min - x[o + i];
      error += weights[wo + i] * (absolute ? Math.abs(difference) : difference * difference);
    }
    return error;
  }
}
