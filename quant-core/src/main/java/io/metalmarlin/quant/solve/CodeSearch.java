package io.metalmarlin.quant.solve;

import io.metalmarlin.formats.scheme.GroupScheme;
import io.metalmarlin.formats.scheme.ScaleType;
import io.metalmarlin.formats.scheme.TensorScale;
import java.util.Arrays;

/// Searches scales of one byte among the neighbours of the absmax code `c0`: for E4M3 `c0-3 ..
/// c0+7`, the window proven to hold the optimum for NVFP4 (algorithms: "-3..+7 for mse"); for E8M0
/// one power of two up and down around the one of the OCP rule. Ties go to the smaller distance
/// from c0, then to the lower code. Where feedback decides, `c0-8 .. c0+7` are proposed.
final class CodeSearch extends GroupScales implements ScaleCandidates {
  private static final int[] FINE = {0, -1, 1, -2, 2, -3, 3, 4, 5, 6, 7};
  private static final int[] WIDE = {0, -1, 1, -2, 2, -3, 3, -4, 4, -5, 5, -6, 6, -7, 7, -8};
  private static final int[] COARSE = {0, -1, 1};
  private static final int BELOW = 8;
  private static final int ABOVE = 7;

  private final GridKernel kernel;
  private final float[] effective = new float[1 << 8];
  // Effective scale of code i - BELOW, clamped to the codes a group may take.
  private final float[] window;
  private final int[] offsets;
  private final float unitAtLargest;
  private final int highest;

  CodeSearch(GroupScheme scheme, GridKernel kernel, SolveOptions options, TensorScale tensorScale) {
    super(scheme, options, tensorScale);
    this.kernel = kernel;
    this.offsets = scheme.scaleType() == ScaleType.E8M0 ? COARSE : FINE;
    this.highest = scheme.nearestScale(Float.MAX_VALUE);
    this.unitAtLargest = tensorScale.effective(1) * largest();
    for (int code = 0; code < 1 << scheme.scaleBits(); code++) {
      effective[code] = usable(tensorScale.effective(scheme.scaleValue(code)));
    }
    this.window = new float[highest + 1 + BELOW + ABOVE];
    for (int i = 0; i < window.length; i++) {
      window[i] = effective[clamp(i - BELOW)];
    }
  }

  @Override
  void choose(float[] group, int columns, int n, Fits out, int from, Scratch s) {
    centres(group, columns, n, s);
    Arrays.fill(s.best, 0, n, Float.POSITIVE_INFINITY);
    float[] scale = s.candidate.scales;
    for (int offset : offsets) {
      look(s.centre, offset, n, scale);
      kernel.loss(group, columns, n, scale, s.candidate.zeros, s.loss);
      for (int i = 0; i < n; i++) {
        if (s.loss[i] < s.best[i]) {
          s.best[i] = s.loss[i];
          out.scaleCodes[from + i] = clamp(s.centre[i] + offset);
        }
      }
    }
    for (int i = 0; i < n; i++) {
      if (s.absMax(i) == 0) {
        out.scaleCodes[from + i] = options.profile().emptyGroupScale();
      }
      out.scales[from + i] = effective[out.scaleCodes[from + i]];
    }
  }

  @Override
  public int count() {
    return proposed().length;
  }

  @Override
  public void propose(float[] group, int columns, int n, Fits out, Scratch s) {
    centres(group, columns, n, s);
    int[] around = proposed();
    for (int k = 0; k < around.length; k++) {
      for (int i = 0; i < n; i++) {
        int code =
            s.absMax(i) == 0 ? options.profile().emptyGroupScale() : clamp(s.centre[i] + around[k]);
        out.scaleCodes[k * n + i] = code;
        out.scales[k * n + i] = effective[code];
      }
    }
  }

  private int[] proposed() {
    return offsets == FINE ? WIDE : offsets;
  }

  private void centres(float[] group, int columns, int n, Scratch s) {
    s.range(group, columns, n);
    for (int i = 0; i < n; i++) {
      s.centre[i] = clamp(centre(s.absMax(i)));
    }
  }

  /// OCP: the exponent of the maximum less that of the largest grid value.
  private int centre(float absMax) {
    if (offsets == FINE) {
      return scheme.nearestScale(absMax / unitAtLargest);
    }
    return Math.getExponent(absMax) - Math.getExponent(unitAtLargest) + 127;
  }

  private void look(int[] centre, int offset, int n, float[] scale) {
    float[] table = window;
    int shift = offset + BELOW;
    for (int i = 0; i < n; i++) {
      scale[i] = table[centre[i] + shift];
    }
  }

  /// Code 0 is the value 0 (or the smallest there is): no group with a weight in it may take it.
  private int clamp(int code) {
    return Math.max(1, Math.min(code, highest));
  }
}
