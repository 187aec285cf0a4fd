package io.metalmarlin.quant.solve;

import io.metalmarlin.formats.scheme.GroupScheme;
import io.metalmarlin.formats.scheme.TensorScale;

/// Scales of a trellis, whose values are spread like normal numbers of variance 1: the root mean
/// square of the group times a factor that its width wants, or more where a few weights stand out,
/// by the estimate that what lies beyond three scales is cut off there and everything else errs in
/// proportion to the scale.
final class SpreadScales extends GroupScales {
  private static final float[] STEPS = {1, 1.12f, 1.25f, 1.4f, 1.6f, 1.8f, 2, 2.3f};
  private static final float REACH = 3;

  // For symbols of 2, 3 and 4 bits, measured on normal numbers: the best factor, and the mean
  // squared error at it.
  private static final float[] FACTORS = {1.04f, 1.08f, 1.1f};
  private static final float[] ERRORS = {.073f, .0197f, .0053f};

  private final float factor;
  private final float error;

  SpreadScales(GroupScheme symbols, SolveOptions options, TensorScale tensorScale) {
    super(symbols, options, tensorScale);
    this.factor = FACTORS[symbols.codeBits() - 2];
    this.error = ERRORS[symbols.codeBits() - 2];
  }

  @Override
  void choose(float[] group, int columns, int n, Fits out, int from, Scratch s) {
    int least = options.profile().emptyGroupScale();
    for (int i = 0; i < n; i++) {
      float squares = 0;
      for (int c = 0; c < columns; c++) {
        squares += group[c * n + i] * group[c * n + i];
      }
      float base = factor * (float) Math.sqrt(squares / columns);
      float best = Float.POSITIVE_INFINITY;
      for (float step : STEPS) {
        float scale = base * step;
        float loss = error * columns * scale * scale;
        for (int c = 0; c < columns; c++) {
          float beyond = Math.max(0, Math.abs(group[c * n + i]) - REACH * scale);
          loss += beyond * beyond;
        }
        if (loss < best) {
          best = loss;
          put(out, from + i, Math.max(least, scheme.nearestScale(scale)), 0);
        }
      }
      if (!(best < Float.POSITIVE_INFINITY)) {
        put(out, from + i, scheme.nearestScale(base), 0);
      }
    }
  }
}
