package io.metalmarlin.formats.scheme.blocks;

import io.metalmarlin.formats.scheme.GroupScheme;
import io.metalmarlin.formats.scheme.Profile;
import io.metalmarlin.formats.scheme.ScaleType;
import io.metalmarlin.formats.scheme.TensorScale;
import io.metalmarlin.formats.scheme.ggml.Fp4;
import io.metalmarlin.formats.tensor.DType;

/// ggml's plain rules for scales: integers put the largest magnitude on the lowest code, with the
/// scale's sign making up for it, or the range on all codes. Codes are the nearest under the
/// **stored** scale; ggml's own encoder ([BlockCodec]) rounds by the scale before it was stored.
///
/// @param scheme a plain grid of [GroupedBlocks]
record BlockProfile(GroupScheme scheme) implements Profile {
  @Override
  public Fit fit(float min, float max, TensorScale tensorScale, DType source) {
    if (scheme.zero() == GroupScheme.Zero.BIAS) {
      float scale = (max - min) / ((1 << scheme.codeBits()) - 1);
      return new Fit(scheme.nearestScale(scale), scheme.nearestScale(min));
    }
    boolean lopsided = scheme.scaleType() == ScaleType.F16 && scheme.codeBits() < 8;
    if (lopsided) {
      float largest = -min >= max ? min : max;
      float scale = largest == 0 ? 0 : largest / -(1 << scheme.codeBits() - 1);
      return new Fit(scheme.nearestScale(scale), 0);
    }
    return new Fit(groupScale(Math.max(Math.abs(min), Math.abs(max)), tensorScale, source), 0);
  }

  @Override
  public int groupScale(float amax, TensorScale tensorScale, DType source) {
    return switch (scheme.scaleType()) {
      case E4M3 -> Fp4.scaleCode(amax / 6);
      case E8M0 -> amax == 0 ? 0 : Math.clamp(Math.getExponent(amax) - 2 + 127, 0, 254);
      default -> scheme.nearestScale(amax / scheme.value((1 << scheme.codeBits()) - 1));
    };
  }

  @Override
  public int emptyGroupScale() {
    return 0;
  }

  /// Of integers: ggml's own encoder of Q4_0 and Q5_0 writes them, and every `vec_dot` and
  /// `dequantize` of `ggml-quants.c` multiplies by `d`.
  @Override
  public boolean negativeScales() {
    return scheme.scaleType() == ScaleType.F16;
  }

  @Override
  public int code(float w, int scaleCode, TensorScale tensorScale) {
    float scale = scheme.scaleValue(scaleCode);
    return scale == 0 ? scheme.nearest(0) : scheme.nearest(w / scale);
  }

  @Override
  public int code(float w, Fit fit, TensorScale tensorScale) {
    return scheme.zero() == GroupScheme.Zero.BIAS
        ? code(w - scheme.scaleValue(fit.zero()), fit.scale(), tensorScale)
        : code(w, fit.scale(), tensorScale);
  }
}
