package io.metalmarlin.quant.solve;

import io.metalmarlin.formats.scheme.GroupScheme;
import io.metalmarlin.formats.scheme.TensorScale;
import io.metalmarlin.quant.solve.SolveOptions.ScaleRule;
import java.util.Arrays;

/// Chooses the scale codes of one group of columns, for many rows at once.
///
/// The MSE rule scores only **storable** scales, already rounded: codes `c0-3 .. c0+7` around `c0 =
/// code(amax / largest grid value)`, by the squared error of the group in fp32, columns in stored
/// order. Ties go to the smaller distance from c0, then to the lower code. The window is the one
/// proven to hold the optimum for NVFP4 (algorithms: "-3..+7 for mse").
final class GroupScales {
  private static final int[] OFFSETS = {0, -1, 1, -2, 2, -3, 3, 4, 5, 6, 7};
  private static final int BELOW = 3;
  private static final int ABOVE = 7;

  private final GridKernel kernel;
  private final GroupScheme scheme;
  private final SolveOptions options;
  private final TensorScale tensorScale;
  private final float[] effective = new float[1 << 8];
  // Effective scale of code i - BELOW, clamped to the codes a group may take.
  private final float[] window;
  private final float unitAtLargest;
  private final int highest;

  GroupScales(
      GroupScheme scheme, GridKernel kernel, SolveOptions options, TensorScale tensorScale) {
    this.scheme = scheme;
    this.kernel = kernel;
    this.options = options;
    this.tensorScale = tensorScale;
    this.highest = scheme.nearestScale(Float.MAX_VALUE);
    float largest = 0;
    for (int code = 0; code < 1 << scheme.codeBits(); code++) {
      largest = Math.max(largest, scheme.value(code));
    }
    this.unitAtLargest = tensorScale.effective(1) * largest;
    for (int code = 0; code < 1 << scheme.scaleBits(); code++) {
      float s = tensorScale.effective(scheme.scaleValue(code));
      // A producer may store 0 for an empty group, and a tiny tensor scale may underflow; a huge
      // divisor
      // rounds whatever feedback puts there to 0.
      effective[code] = s < Float.MIN_NORMAL ? Float.MAX_VALUE : s;
    }
    this.window = new float[highest + 1 + BELOW + ABOVE];
    for (int i = 0; i < window.length; i++) {
      window[i] = effective[clamp(i - BELOW)];
    }
  }

  /// The factor by which a group's grid values are multiplied; `Float.MAX_VALUE` for a scale of
  /// zero.
  float effective(int scaleCode) {
    return effective[scaleCode];
  }

  /// Work arrays of one thread.
  static final class Scratch {
    private final float[] absMax;
    private final float[] scale;
    private final float[] loss;
    private final float[] best;
    private final int[] centre;

    Scratch(int rows) {
      absMax = new float[rows];
      scale = new float[rows];
      loss = new float[rows];
      best = new float[rows];
      centre = new int[rows];
    }
  }

  /// Chooses one scale code per row.
  ///
  /// @param group `columns x n` weights, column by column
  /// @param n rows, a multiple of [GridKernel#LANES]
  /// @param codes receives n scale codes from index `from`
  void choose(float[] group, int columns, int n, byte[] codes, int from, Scratch scratch) {
    float[] absMax = scratch.absMax;
    Arrays.fill(absMax, 0, n, 0);
    for (int c = 0; c < columns; c++) {
      for (int i = 0; i < n; i++) {
        absMax[i] = Math.max(absMax[i], Math.abs(group[c * n + i]));
      }
    }
    if (options.scales() == ScaleRule.ABSMAX) {
      for (int i = 0; i < n; i++) {
        codes[from + i] =
            (byte) options.profile().groupScale(absMax[i], tensorScale, options.source());
      }
    } else {
      search(group, columns, n, codes, from, scratch);
    }
  }

  private void search(float[] group, int columns, int n, byte[] codes, int from, Scratch s) {
    for (int i = 0; i < n; i++) {
      s.centre[i] = clamp(scheme.nearestScale(s.absMax[i] / unitAtLargest));
      s.best[i] = Float.POSITIVE_INFINITY;
    }
    for (int offset : OFFSETS) {
      look(s.centre, offset, n, s.scale);
      kernel.loss(group, columns, n, s.scale, s.loss);
      for (int i = 0; i < n; i++) {
        if (s.loss[i] < s.best[i]) {
          s.best[i] = s.loss[i];
          codes[from + i] = (byte) clamp(s.centre[i] + offset);
        }
      }
    }
    for (int i = 0; i < n; i++) {
      if (s.absMax[i] == 0) {
        codes[from + i] = (byte) options.profile().emptyGroupScale();
      }
    }
  }

  private void look(int[] centre, int offset, int n, float[] scale) {
    float[] table = window;
    int shift = offset + BELOW;
    for (int i = 0; i < n; i++) {
      scale[i] = table[centre[i] + shift];
    }
  }

  /// Code 0 is the value 0: no group with a weight in it may take it.
  private int clamp(int code) {
    return Math.max(1, Math.min(code, highest));
  }
}
