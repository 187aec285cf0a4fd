package io.metalmarlin.formats.scheme.integer;

import io.metalmarlin.formats.scheme.IntScheme;
import io.metalmarlin.formats.scheme.Profile;
import io.metalmarlin.formats.scheme.TensorScale;
import io.metalmarlin.formats.tensor.DType;

/// NVIDIA ModelOpt's integers: the scale maps the largest magnitude to the largest code, in fp32; a
/// group of zeros gets 1. Scales are positive, as what runs in TensorRT-LLM is not known.
record ModelOptIntProfile(IntScheme scheme) implements Profile {
  @Override
  public int groupScale(float amax, TensorScale tensorScale, DType source) {
    int code = scheme.scaleType().nearest(amax / ((1 << scheme.bits() - 1) - 1));
    return scheme.scaleType().value(code) == 0 ? emptyGroupScale() : code;
  }

  @Override
  public int emptyGroupScale() {
    return scheme.scaleType().nearest(1);
  }

  @Override
  public int code(float w, int scaleCode, TensorScale tensorScale) {
    return scheme.nearest(w / scheme.scaleType().value(scaleCode));
  }
}
