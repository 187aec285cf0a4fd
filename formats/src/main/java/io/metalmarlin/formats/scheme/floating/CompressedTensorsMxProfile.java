package io.metalmarlin.formats.scheme.floating;

import io.metalmarlin.formats.scheme.FloatScheme;
import io.metalmarlin.formats.scheme.Profile;
import io.metalmarlin.formats.scheme.TensorScale;
import io.metalmarlin.formats.tensor.DType;

/// llm-compressor with compressed-tensors 0.19 (`mxfp_utils.py`): the power of two below the
/// largest magnitude, the one above from a mantissa of 1.75 on, for 4 and 8 bits alike; moved so
/// that it meets the largest power of two of the elements. A group of zeros gets code 0.
record CompressedTensorsMxProfile(FloatScheme scheme) implements Profile {
  private static final int QUARTER = 0x0020_0000;

  @Override
  public int groupScale(float amax, TensorScale tensorScale, DType source) {
    int exponent = Float.floatToRawIntBits(amax) + QUARTER >>> 23;
    return Math.clamp(exponent - offset(), 0, 254);
  }

  /// Exponent of the largest power of two that the elements have.
  private int offset() {
    return scheme.element() == FloatScheme.Element.E2M1 ? 2 : 8;
  }

  @Override
  public int emptyGroupScale() {
    return 0;
  }

  @Override
  public int code(float w, int scaleCode, TensorScale tensorScale) {
    return scheme.nearest(w / scheme.scaleValue(scaleCode));
  }
}
