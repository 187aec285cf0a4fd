package io.metalmarlin.quant.solve;

import io.metalmarlin.formats.scheme.GroupScheme.Zero;
import io.metalmarlin.formats.scheme.IntScheme;
import io.metalmarlin.formats.scheme.Profile;
import io.metalmarlin.formats.scheme.TensorScale;
import io.metalmarlin.formats.tensor.DType;

/// Covering ranges in the plainest way, for grids of integers.
record TestIntProfile(IntScheme scheme) implements Profile {
  @Override
  public int groupScale(float amax, TensorScale tensorScale, DType source) {
    return fit(-amax, amax, tensorScale, source).scale();
  }

  @Override
  public Fit fit(float min, float max, TensorScale tensorScale, DType source) {
    int levels = (1 << scheme.bits()) - 1;
    if (scheme.zero() == Zero.NONE) {
      float amax = Math.max(Math.abs(min), Math.abs(max));
      return new Fit(amax == 0 ? emptyGroupScale() : stored(amax / (levels / 2)), 0);
    }
    if (scheme.zero() == Zero.BIAS) {
      int scale = max == min ? emptyGroupScale() : stored((max - min) / levels);
      return new Fit(scale, stored(min));
    }
    float low = Math.min(0, min);
    float high = Math.max(0, max);
    int scale = high == low ? emptyGroupScale() : stored((high - low) / levels);
    return new Fit(scale, Math.clamp(Math.round(-low / scheme.scaleValue(scale)), 0, levels));
  }

  private int stored(float x) {
    return scheme.nearestScale(x);
  }

  @Override
  public int emptyGroupScale() {
    return stored(1);
  }

  @Override
  public boolean negativeScales() {
    return true;
  }

  @Override
  public int code(float w, int scaleCode, TensorScale tensorScale) {
    return scheme.nearest(w / scheme.scaleValue(scaleCode));
  }

  @Override
  public int code(float w, Fit fit, TensorScale tensorScale) {
    float s = scheme.scaleValue(fit.scale());
    int levels = (1 << scheme.bits()) - 1;
    return switch (scheme.zero()) {
      case NONE -> scheme.nearest(w / s);
      case POINT -> (int) Math.clamp(Math.rint(w / s) + fit.zero(), 0, levels);
      case BIAS -> scheme.nearest((w - scheme.scaleValue(fit.zero())) / s);
    };
  }
}
