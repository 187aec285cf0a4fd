package io.metalmarlin.formats.scheme.ggml;

import java.util.Arrays;

/// Finds the factor of `(code - 4) * factor`, `code` in 0 to 7, for a group of Q3_K without
/// importance: the element of largest magnitude is taken as -4 steps, then single codes are moved
/// as long as the correlation, weighted by `x^2`, grows.
final class DescentFit {
  private static final int HALF = 4;

  private DescentFit() {}

  /// Fits `x[o .. o + n)` and writes the codes to `codes[co ..]`; a group of zeros gets the factor
  /// 0 and the codes 0.
  static float fit(float[] x, int o, int n, byte[] codes, int co) {
    float largest = Extremes.largest(x, o, n);
    if (Math.abs(largest) < SymmetricFit.NOTHING) {
      Arrays.fill(codes, co, co + n, (byte) 0);
      return 0;
    }
    float perStep = -HALF / largest;
    float sumXL = 0;
    float sumLL = 0;
    for (int i = 0; i < n; i++) {
      float v = x[o + i];
      int l = clamp(Rounding.nearest(perStep * v));
      codes[co + i] = (byte) l;
      float w = v * v;
      sumXL += w * v * l;
      sumLL += w * l * l;
    }
    for (int sweep = 0; sweep < 5; sweep++) {
      boolean changed = false;
      for (int i = 0; i < n; i++) {
        float v = x[o + i];
        float w = v * v;
        int old = codes[co + i];
        float restXL = sumXL - w * v * old;
        if (restXL > 0) {
          float restLL = sumLL - w * old * old;
          int l = clamp(Rounding.nearest(v * restLL / restXL));
          if (l != old) {
            restXL += w * v * l;
            restLL += w * l * l;
            if (restLL > 0 && restXL * restXL * sumLL > sumXL * sumXL * restLL) {
              codes[co + i] = (byte) l;
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
    for (int i = 0; i < n; i++) {
      codes[co + i] += HALF;
    }
    return sumLL > 0 ? sumXL / sumLL : 0;
  }

  private static int clamp(int l) {
    return Math.max(-HALF, Math.min(HALF - 1, l));
  }
}
