package io.metalmarlin.formats.scheme.sparse24;

import io.metalmarlin.formats.scheme.IntScheme;
import io.metalmarlin.formats.scheme.Profile;
import io.metalmarlin.formats.scheme.TensorScale;
import io.metalmarlin.formats.tensor.DType;

/// Symmetric integers under the plain absmax rule: the largest magnitude becomes the largest
/// positive code, `amax / (2^(bits-1) - 1)` in fp32, rounded to the scales' type and never to 0.
///
/// @param scheme without zero points
record KeptIntProfile(IntScheme scheme) implements Profile {
  @Override
  public int groupScale(float amax, TensorScale tensorScale, DType source) {
    if (amax == 0) {
      return emptyGroupScale();
    }
    int largest = (1 << scheme.bits() - 1) - 1;
    // Code 1 is the smallest positive number of every floating-point type.
    return Math.max(1, scheme.nearestScale(amax / largest));
  }

  /// 1.
  @Override
  public int emptyGroupScale() {
    return scheme.nearestScale(1);
  }

  /// Decoding multiplies by what is stored.
  @Override
  public boolean negativeScales() {
    return true;
  }

  @Override
  public int code(float w, int scaleCode, TensorScale tensorScale) {
    return scheme.nearest(w / tensorScale.effective(scheme.scaleValue(scaleCode)));
  }
}
