package io.metalmarlin.quant.solve;

import io.metalmarlin.formats.scheme.GroupScheme;
import io.metalmarlin.formats.scheme.Profile;
import io.metalmarlin.formats.scheme.QuantizedMatrix;
import io.metalmarlin.formats.scheme.TensorScale;
import io.metalmarlin.quant.solve.SolveOptions.ScaleRule;

/// Chooses scale and zero of one group of columns, for many rows at once.
///
/// A search scores only **storable** scales and zeros, already rounded, by the squared error of the
/// group in fp32, columns in stored order. The producer's own absmax parameters always compete, or
/// a window around them does, so a search never loses to them.
abstract class GroupScales {
  final GroupScheme scheme;
  final SolveOptions options;
  final TensorScale tensorScale;

  GroupScales(GroupScheme scheme, SolveOptions options, TensorScale tensorScale) {
    this.scheme = scheme;
    this.options = options;
    this.tensorScale = tensorScale;
  }

  /// The rule that the options ask for, in the form that suits the scheme's scales: few enough to
  /// try neighbours, or too many for that.
  static GroupScales of(
      GroupScheme scheme, GridKernel kernel, SolveOptions options, TensorScale tensorScale) {
    if (options.scales() == ScaleRule.ABSMAX) {
      return new AbsmaxScales(scheme, options, tensorScale);
    }
    if (options.scales() == ScaleRule.SPREAD) {
      return new SpreadScales(scheme, options, tensorScale);
    }
    return switch (scheme.scaleType()) {
      case E4M3, E8M0 -> new CodeSearch(scheme, kernel, options, tensorScale);
      case F16, BF16, F32 -> new ClipSearch(scheme, kernel, options, tensorScale);
    };
  }

  /// What the search of a scheme's scales may try.
  static ScaleCandidates candidates(
      GroupScheme scheme, GridKernel kernel, SolveOptions options, TensorScale tensorScale) {
    return switch (scheme.scaleType()) {
      case E4M3, E8M0 -> new CodeSearch(scheme, kernel, options, tensorScale);
      case F16, BF16, F32 -> new ClipSearch(scheme, kernel, options, tensorScale);
    };
  }

  /// Work arrays of one thread.
  static final class Scratch {
    final float[] min;
    final float[] max;
    final float[] loss;
    final float[] best;
    final int[] centre;
    final float[] rounded;
    final int[] codes;
    final Fits candidate;
    final Sums sums;

    Scratch(int rows) {
      min = new float[rows];
      max = new float[rows];
      loss = new float[rows];
      best = new float[rows];
      centre = new int[rows];
      rounded = new float[rows];
      codes = new int[rows];
      candidate = new Fits(rows);
      sums = new Sums(rows);
    }

    /// Finds the range of every row.
    void range(float[] group, int columns, int n) {
      System.arraycopy(group, 0, min, 0, n);
      System.arraycopy(group, 0, max, 0, n);
      for (int c = 1; c < columns; c++) {
        for (int i = 0; i < n; i++) {
          min[i] = Math.min(min[i], group[c * n + i]);
          max[i] = Math.max(max[i], group[c * n + i]);
        }
      }
    }

    float absMax(int i) {
      return Math.max(Math.abs(min[i]), Math.abs(max[i]));
    }
  }

  /// Chooses the parameters of one group for every row.
  ///
  /// @param group `columns x n` weights, column by column
  /// @param n rows, a multiple of [GridKernel#LANES]
  /// @param out receives n fits from index `from`
  abstract void choose(float[] group, int columns, int n, Fits out, int from, Scratch scratch);

  /// Takes the parameters of one group as they already stand in `out`: those of a scheme whose
  /// groups span several rows are chosen before its rows are solved.
  ///
  /// @param rows rows to read; the fits up to `n` repeat the last
  final void given(QuantizedMatrix matrix, int row, int rows, int group, Fits out, int from) {
    for (int i = 0; i < rows; i++) {
      put(out, from + i, matrix.scaleCode(row + i, group), 0);
    }
    for (int i = rows; i % GridKernel.LANES != 0; i++) {
      out.set(from + i, out, from);
    }
  }

  /// The producer's parameters for the range of every row.
  final void absmax(Scratch scratch, int n, Fits out, int from) {
    for (int i = 0; i < n; i++) {
      Profile.Fit fit =
          options.profile().fit(scratch.min[i], scratch.max[i], tensorScale, options.source());
      put(out, from + i, fit.scale(), fit.zero());
      out.exactScales[from + i] = fit.exactScale();
      out.exactZeros[from + i] = fit.exactZero();
    }
  }

  /// The largest value of the grid; some codes of small floats stand for no number.
  final float largest() {
    float largest = 0;
    for (int code = 0; code < 1 << scheme.codeBits(); code++) {
      float value = scheme.value(code);
      largest = value > largest ? value : largest;
    }
    return largest;
  }

  /// Notes stored parameters and what they mean.
  final void put(Fits out, int i, int scaleCode, int zeroCode) {
    out.scaleCodes[i] = scaleCode;
    out.zeroCodes[i] = zeroCode;
    out.scales[i] = usable(tensorScale.effective(scheme.scaleValue(scaleCode)));
    out.zeros[i] =
        switch (scheme.zero()) {
          case NONE -> 0;
          case POINT -> zeroCode;
          case BIAS -> scheme.scaleValue(zeroCode);
        };
  }

  /// A producer may store 0 for an empty group, and a tiny tensor scale may underflow; a huge
  /// divisor rounds whatever feedback puts there to 0.
  static float usable(float scale) {
    return Math.abs(scale) < Float.MIN_NORMAL ? Float.MAX_VALUE : scale;
  }
}
