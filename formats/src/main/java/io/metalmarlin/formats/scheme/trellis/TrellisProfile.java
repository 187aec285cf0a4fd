package io.metalmarlin.formats.scheme.trellis;

import io.metalmarlin.formats.scheme.IntScheme;
import io.metalmarlin.formats.scheme.Profile;
import io.metalmarlin.formats.scheme.TensorScale;
import io.metalmarlin.formats.tensor.DType;

/// Scales of a trellis. There is no absmax rule, for there is no producer but ours, and no code of
/// one weight.
///
/// @param symbols what stores symbols and scales
record TrellisProfile(IntScheme symbols) implements Profile {
  // What nearly no value of a state exceeds.
  private static final float LARGEST = 3;

  @Override
  public int groupScale(float amax, TensorScale tensorScale, DType source) {
    return Math.max(emptyGroupScale(), symbols.nearestScale(amax / LARGEST));
  }

  /// The smallest scale that is normal in fp32, as no state stands for 0.
  @Override
  public int emptyGroupScale() {
    return Math.max(1, symbols.nearestScale(Float.MIN_NORMAL));
  }

  /// @throws UnsupportedOperationException always
  @Override
  public int code(float w, int scaleCode, TensorScale tensorScale) {
    throw new UnsupportedOperationException("a symbol has no value of its own");
  }
}
