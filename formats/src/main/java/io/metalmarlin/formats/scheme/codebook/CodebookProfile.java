package io.metalmarlin.formats.scheme.codebook;

import io.metalmarlin.formats.scheme.Profile;
import io.metalmarlin.formats.scheme.TensorScale;
import io.metalmarlin.formats.tensor.DType;

/// The largest magnitude of a group becomes the largest value of the book; the scale is rounded to
/// its type and never to 0.
record CodebookProfile(CodebookScheme scheme) implements Profile {
  @Override
  public int groupScale(float amax, TensorScale tensorScale, DType source) {
    if (amax == 0) {
      return emptyGroupScale();
    }
    float scale = amax / scheme.value((1 << scheme.bits()) - 1);
    return Math.max(emptyGroupScale(), scheme.nearestScale(scale));
  }

  /// The smallest scale that is normal in fp32: the book has no 0, and what it holds instead shall
  /// be as small as it can be. Codes of positive numbers ascend with them.
  @Override
  public int emptyGroupScale() {
    return Math.max(1, scheme.nearestScale(Float.MIN_NORMAL));
  }

  @Override
  public int code(float w, int scaleCode, TensorScale tensorScale) {
    return scheme.nearest(w / tensorScale.effective(scheme.scaleValue(scaleCode)));
  }
}
