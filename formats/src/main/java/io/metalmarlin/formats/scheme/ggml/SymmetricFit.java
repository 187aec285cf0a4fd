package io.metalmarlin.formats.scheme.ggml;

import java.util.Arrays;

/// Finds, for groups of weights, the factor of `(code - half) * factor` (`code` in 0 to `2 * half -
/// 1`) of small weighted error: the element of largest magnitude is first taken as `-half` steps,
/// then as a little less and more, each with its least-squares factor.
///
/// Sums are fp32 in the order of the weights: with another order the bytes would not be ggml's.
///
/// @param half minus the lowest code's number of steps
/// @param size weights of a group
record SymmetricFit(int half, int size) {
  /// Groups without a larger magnitude are taken as zero.
  static final float NOTHING = 1e-15f;

  /// Divisions that are tried.
  static final int TRIES = 19;

  /// Steps of the element of largest magnitude in try `k` of 19: `half` first, then nine tries with
  /// less and nine with more, in rising order.
  float steps(int k) {
    if (k == 0) {
      return half;
    }
    return half + 0.1f * (k <= 9 ? k - 10 : k - 9);
  }

  /// Fits `groups` groups of `x[o ..]`; `weights` and `lines` belong to them from their start on.
  void fit(float[] x, int o, int groups, float[] weights, Lines lines) {
    for (int g = 0; g < groups; g++) {
      fitOne(x, o + g * size, weights, g * size, lines, g);
    }
  }

  private void fitOne(float[] x, int o, float[] weights, int wo, Lines lines, int g) {
    float largest = Extremes.largest(x, o, size);
    float scale = 0;
    float best = 0;
    float chosen = 0;
    for (int k = 0; k < TRIES && Math.abs(largest) >= NOTHING; k++) {
      float perStep = -steps(k) / largest;
      float sumXL = 0;
      float sumLL = 0;
      for (int i = 0; i < size; i++) {
        float v = x[o + i];
        int l = code(perStep * v);
        float w = weights[wo + i];
        sumXL += w * v * l;
        sumLL += w * l * l;
      }
      if (k == 0 ? sumLL != 0 : sumLL > 0 && sumXL * sumXL > best * sumLL) {
        scale = sumXL / sumLL;
        best = scale * sumXL;
        chosen = perStep;
      } else if (k == 0) {
        chosen = perStep;
      }
    }
    lines.scale()[g] = scale;
    lines.step()[g] = chosen;
  }

  /// Writes the codes of the fit of group `g`, whose weights are `x[o .. o + size)`; all 0 for a
  /// group of zeros.
  void codes(float[] x, int o, Lines lines, int g, byte[] codes, int co) {
    float step = lines.step()[g];
    if (step == 0) {
      Arrays.fill(codes, co, co + size, (byte) 0);
      return;
    }
    for (int i = 0; i < size; i++) {
      codes[co + i] = (byte) (code(step * x[o + i]) + half);
    }
  }

  private int code(float steps) {
    return Math.max(-half, Math.min(half - 1, Rounding.nearest(steps)));
  }
}
