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

  /// Fits `groups` groups of `x[o ..]`, with `weights`, `codes` and `scales` from their start on. A
  /// group of zeros gets the scale 0 and the codes 0.
  void fit(float[] x, int o, int groups, float[] weights, byte[] codes, float[] scales) {
    for (int g = 0; g < groups; g++) {
      scales[g] = fitOne(x, o + g * size, weights, codes, g * size);
    }
  }

  private float fitOne(float[] x, int o, float[] weights, byte[] codes, int co) {
    float largest = Extremes.largest(x, o, size);
    if (Math.abs(largest) < NOTHING) {
      Arrays.fill(codes, co, co + size, (byte) 0);
      return 0;
    }
    float scale = 0;
    float best = 0;
    float chosen = 0;
    for (int k = 0; k <= 18; k++) {
      // The start first, then the others in order.
      int tenths = k == 0 ? 0 : k <= 9 ? k - 10 : k - 9;
      float perStep = k == 0 ? -half / largest : -(half + 0.1f * tenths) / largest;
      float sumXL = 0;
      float sumLL = 0;
      for (int i = 0; i < size; i++) {
        float v = x[o + i];
        int l = code(perStep * v);
        float w = weights[co + i];
        sumXL += w * v * l;
        sumLL += w * l * l;
      }
      if (k == 0) {
        scale = sumLL != 0 ? sumXL / sumLL : 0;
        best = scale * sumXL;
        chosen = perStep;
      } else if (sumLL > 0 && sumXL * sumXL > best * sumLL) {
        scale = sumXL / sumLL;
        best = scale * sumXL;
        chosen = perStep;
      }
    }
    for (int i = 0; i < size; i++) {
      codes[co + i] = (byte) (code(chosen * x[o + i]) + half);
    }
    return scale;
  }

  private int code(float steps) {
    return Math.max(-half, Math.min(half - 1, Rounding.nearest(steps)));
  }
}
