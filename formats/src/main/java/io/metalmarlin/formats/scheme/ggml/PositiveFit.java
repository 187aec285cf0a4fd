package io.metalmarlin.formats.scheme.ggml;

import java.util.Arrays;

/// Finds the factor of `code * factor` for the scales or mins of a super-block: the best of nine
/// divisions of the range, then single codes are moved as long as the weighted correlation grows.
final class PositiveFit {
  private PositiveFit() {}

  /// Fits `x[o .. o + codes.length)`; codes are bytes without sign, and a negative `x` leaves the
  /// low byte of its negative code, as in ggml.
  ///
  /// @param levels the largest code
  /// @return the factor, 0 when there is nothing to fit
  static float fit(int levels, float[] x, int o, float[] weights, int wo, int[] codes) {
    int n = codes.length;
    float max = 0;
    for (int i = 0; i < n; i++) {
      max = x[o + i] > max ? x[o + i] : max;
    }
    if (max < SymmetricFit.NOTHING) {
      Arrays.fill(codes, 0);
      return 0;
    }
    float perStep = division(levels, max, x, o, weights, wo, codes);
    float sumXL = 0;
    float sumLL = 0;
    for (int i = 0; i < n; i++) {
      int l = Math.min(levels, Rounding.nearest(perStep * x[o + i]));
      codes[i] = l & 0xff;
      sumXL += weights[wo + i] * x[o + i] * l;
      sumLL += weights[wo + i] * l * l;
    }
    for (int sweep = 0; sweep < 5; sweep++) {
      boolean changed = false;
      for (int i = 0; i < n; i++) {
        float w = weights[wo + i];
        float v = x[o + i];
        float restXL = sumXL - w * v * codes[i];
        float restLL = sumLL - w * codes[i] * codes[i];
        if (restXL > 0 && restLL > 0) {
          int l = Math.min(levels, Rounding.nearest(v * restLL / restXL));
          if (l != codes[i]) {
            restXL += w * v * l;
            restLL += w * l * l;
            if (restXL * restXL * sumLL > sumXL * sumXL * restLL) {
              codes[i] = l & 0xff;
              sumXL = restXL;
              sumLL = restLL;
              changed = true;
            }
          }
        }
      }
      if (!changed) {
        break;
      }
    }
    return sumLL > 0 ? sumXL / sumLL : 0;
  }

  /// The steps per unit, of nine near `levels` to the maximum, with the smallest squared error.
  private static float division(
      int levels, float max, float[] x, int o, float[] weights, int wo, int[] codes) {
    float chosen = levels / max;
    float best = 0;
    for (int k = 0; k <= 8; k++) {
      int tenths = k == 0 ? 0 : k <= 4 ? k - 5 : k - 4;
      float perStep = k == 0 ? chosen : (0.1f * tenths + levels) / max;
      float scale = 1 / perStep;
      float error = 0;
      for (int i = 0; i < codes.length; i++) {
        int l = Rounding.nearest(perStep * x[o + i]);
        l = k == 0 ? l & 0xff : Math.min(levels, l);
        float difference = x[o + i] - scale * l;
        error += weights[wo + i] * difference * difference;
      }
      if (k == 0) {
        best = error;
      } else if (error < best) {
        best = error;
        chosen = perStep;
      }
    }
    return chosen;
  }
}
