package io.metalmarlin.quant.solve;

import io.metalmarlin.formats.scheme.GroupScheme;
import io.metalmarlin.formats.scheme.IntScheme;
import io.metalmarlin.formats.scheme.TensorScale;

/// Searches scales of 16 or 32 bits: the producer's own parameters, then ranges from 0.35 to 1.15
/// times the group's, then up to three times the least-squares parameters for the codes of the
/// best.
///
/// Without zeros the grid of integers reaches one step further down than up, so a negative scale,
/// which turns it round, is tried too where the layout may hold one
/// ([io.metalmarlin.formats.scheme.Profile#negativeScales]), and so is the scale that puts the
/// group's larger extreme on the lowest code. Zero points are tried on both sides of the exact one.
/// Ranges shrink towards 0, which a zero point must cover, and with biases towards the middle.
final class ClipSearch extends GroupScales implements ScaleCandidates {
  private static final int STEPS = 28;
  private static final float NARROWEST = .35f;
  private static final float WIDEST = 1.15f;

  /// Grids of 8 bits lose more by clipping than they gain in resolution.
  private static final float NARROWEST_FINE = .8f;

  private static final int REFITS = 3;

  private final GridKernel kernel;
  private final float largest;
  private final boolean turns;
  private final int sides;
  private final float narrowest;

  ClipSearch(GroupScheme scheme, GridKernel kernel, SolveOptions options, TensorScale tensorScale) {
    super(scheme, options, tensorScale);
    this.kernel = kernel;
    this.largest = largest();
    boolean lopsided = scheme instanceof IntScheme && scheme.zero() == GroupScheme.Zero.NONE;
    this.turns = lopsided && options.profile().negativeScales();
    this.sides = turns || scheme.zero() == GroupScheme.Zero.POINT ? 2 : 1;
    boolean coarse = scheme instanceof IntScheme && scheme.codeBits() < 8;
    this.narrowest = coarse ? NARROWEST : NARROWEST_FINE;
  }

  @Override
  void choose(float[] group, int columns, int n, Fits out, int from, Scratch s) {
    s.range(group, columns, n);
    absmax(s, n, s.candidate, 0);
    kernel.loss(group, columns, n, s.candidate.scales, s.candidate.zeros, s.best);
    for (int i = 0; i < n; i++) {
      out.set(from + i, s.candidate, i);
    }
    if (turns) {
      for (int i = 0; i < n; i++) {
        turned(i, s, out, from);
      }
      keepBetter(group, columns, n, out, from, s);
    }
    for (int k = STEPS - 1; k >= 0 && ratio(k) >= narrowest; k--) {
      for (int side = 0; side < sides; side++) {
        for (int i = 0; i < n; i++) {
          propose(i, ratio(k), side, s, out, from);
        }
        keepBetter(group, columns, n, out, from, s);
      }
    }
    for (int round = 0; round < REFITS; round++) {
      refit(group, columns, n, out, from, s);
    }
  }

  @Override
  public int count() {
    int ratios = 0;
    for (int k = 0; k < STEPS; k++) {
      ratios += ratio(k) >= narrowest ? 1 : 0;
    }
    return (turns ? 3 : 2) + ratios * sides;
  }

  /// The one with the smallest squared error first.
  @Override
  public void propose(float[] group, int columns, int n, Fits out, Scratch s) {
    choose(group, columns, n, out, 0, s);
    absmax(s, n, out, n);
    int next = 2;
    if (turns) {
      for (int i = 0; i < n; i++) {
        turned(i, s, out, 0);
      }
      copy(s.candidate, n, out, next++);
    }
    for (int k = STEPS - 1; k >= 0 && ratio(k) >= narrowest; k--) {
      for (int side = 0; side < sides; side++) {
        for (int i = 0; i < n; i++) {
          propose(i, ratio(k), side, s, out, 0);
        }
        copy(s.candidate, n, out, next++);
      }
    }
  }

  private static void copy(Fits from, int n, Fits out, int candidate) {
    for (int i = 0; i < n; i++) {
      out.set(candidate * n + i, from, i);
    }
  }

  private static float ratio(int step) {
    return NARROWEST + step * ((WIDEST - NARROWEST) / (STEPS - 1));
  }

  /// The scale that puts the larger extreme on the lowest code.
  private void turned(int i, Scratch s, Fits out, int from) {
    float extreme = -s.min[i] > s.max[i] ? s.min[i] : s.max[i];
    candidate(s, i, extreme / scheme.value(0), 0, out, from);
  }

  private void propose(int i, float ratio, int side, Scratch s, Fits out, int from) {
    switch (scheme.zero()) {
      case NONE -> {
        float scale = ratio * s.absMax(i) / largest;
        candidate(s, i, side == 0 ? scale : -scale, 0, out, from);
      }
      case POINT -> {
        float low = Math.min(0, ratio * s.min[i]);
        float high = Math.max(0, ratio * s.max[i]);
        int code = scheme.nearestScale((high - low) / largest);
        float exact = -low / usable(scheme.scaleValue(code));
        double zero = side == 0 ? Math.floor(exact) : Math.ceil(exact);
        stored(s, i, code, (int) Math.clamp(zero, 0, largest), out, from);
      }
      case BIAS -> {
        float middle = .5f * s.min[i] + .5f * s.max[i];
        float half = ratio * (.5f * s.max[i] - .5f * s.min[i]);
        int bias = scheme.nearestScale(middle - half);
        candidate(s, i, 2 * half / largest, bias, out, from);
      }
    }
  }

  private void candidate(Scratch s, int i, float scale, int zero, Fits out, int from) {
    stored(s, i, scheme.nearestScale(scale / tensorScale.effective(1)), zero, out, from);
  }

  /// Notes a candidate; one whose scale would be stored as 0 or not as a finite number is replaced
  /// by the best so far.
  private void stored(Scratch s, int i, int scale, int zero, Fits out, int from) {
    put(s.candidate, i, scale, zero);
    float effective = s.candidate.scales[i];
    if (!(Math.abs(effective) < Float.MAX_VALUE)) {
      s.candidate.set(i, out, from + i);
    }
  }

  private void keepBetter(float[] group, int columns, int n, Fits out, int from, Scratch s) {
    kernel.loss(group, columns, n, s.candidate.scales, s.candidate.zeros, s.loss);
    for (int i = 0; i < n; i++) {
      if (s.loss[i] < s.best[i]) {
        s.best[i] = s.loss[i];
        out.set(from + i, s.candidate, i);
      }
    }
  }

  private void refit(float[] group, int columns, int n, Fits out, int from, Scratch s) {
    s.sums.clear(n);
    for (int c = 0; c < columns; c++) {
      kernel.round(group, c * n, out.scales, out.zeros, from, n, s.rounded, s.codes);
      s.sums.add(group, c * n, s.rounded, n);
    }
    for (int i = 0; i < n; i++) {
      float scale = out.scales[from + i];
      if (scheme.zero() == GroupScheme.Zero.BIAS) {
        float slope = s.sums.slope(i, columns);
        float shift = slope * out.zeros[from + i] + s.sums.shift(i, slope, columns);
        int bias = Float.isFinite(shift) ? scheme.nearestScale(shift) : out.zeroCodes[from + i];
        candidate(s, i, finite(scale * slope, scale), bias, out, from);
      } else {
        float better = finite(scale * s.sums.ratio(i), scale);
        candidate(s, i, better, out.zeroCodes[from + i], out, from);
      }
    }
    keepBetter(group, columns, n, out, from, s);
  }

  private static float finite(float x, float otherwise) {
    return Float.isFinite(x) ? x : otherwise;
  }
}
