package io.metalmarlin.formats.scheme.floating;

import io.metalmarlin.formats.number.E4M3;
import io.metalmarlin.formats.number.Floats;
import io.metalmarlin.formats.scheme.FloatScheme;
import io.metalmarlin.formats.scheme.Profile;
import io.metalmarlin.formats.scheme.TensorScale;
import io.metalmarlin.formats.tensor.DType;

/// FP8: `amax / 448`, the quotient of a weight rounded twice, to 16 bits and to 8.
///
/// compressed-tensors 0.19 computes the scale in the weights' type and the quotient in that of the
/// scales; a scale of zero becomes that type's epsilon. ModelOpt computes the scale in fp32 and the
/// quotient in bf16, the type of the models it exports; a matrix of zeros gets 1.
///
/// @param modelOpt ModelOpt's habits instead of compressed-tensors'
record Fp8Profile(FloatScheme scheme, boolean modelOpt) implements Profile {
  @Override
  public int groupScale(float amax, TensorScale tensorScale, DType source) {
    float s = amax / E4M3.MAX;
    int code = scheme.nearestScale(modelOpt ? s : Floats.round(s, source));
    return scheme.scaleValue(code) == 0 ? emptyGroupScale() : code;
  }

  @Override
  public int emptyGroupScale() {
    float s =
        switch (scheme.scaleType()) {
          case BF16 -> 0x1p-7f;
          case F16 -> 0x1p-10f;
          default -> 0x1p-23f;
        };
    return scheme.nearestScale(modelOpt ? 1 : s);
  }

  @Override
  public int code(float w, int scaleCode, TensorScale tensorScale) {
    DType type = modelOpt ? DType.BF16 : scheme.scaleType().dtype();
    return scheme.nearest(Floats.round(w / scheme.scaleValue(scaleCode), type));
  }
}
