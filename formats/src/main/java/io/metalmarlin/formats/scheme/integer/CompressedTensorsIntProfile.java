package io.metalmarlin.formats.scheme.integer;

import io.metalmarlin.formats.number.Floats;
import io.metalmarlin.formats.scheme.GroupScheme.Zero;
import io.metalmarlin.formats.scheme.IntScheme;
import io.metalmarlin.formats.scheme.Profile;
import io.metalmarlin.formats.scheme.TensorScale;
import io.metalmarlin.formats.tensor.DType;

/// llm-compressor with compressed-tensors 0.19 (`quantization/utils/helpers.py`): ranges in the
/// weights' own type, quotients in that of the scales, which is the same one; a scale of zero
/// becomes the type's epsilon.
///
/// @param negativeScales whether what loads the layout multiplies by a scale as it stands
record CompressedTensorsIntProfile(IntScheme scheme, boolean negativeScales) implements Profile {
  /// `amax / ((2^bits - 1) / 2)`: the range is symmetric, so the most negative code is half used.
  @Override
  public int groupScale(float amax, TensorScale tensorScale, DType source) {
    return stored(Floats.round(amax / (range() / 2), source));
  }

  @Override
  public int emptyGroupScale() {
    return scheme.scaleType().nearest(epsilon(scheme.scaleType().dtype()));
  }

  /// With zero points the range is widened to hold zero, and the zero point comes from the scale
  /// before that is stored.
  @Override
  public Fit fit(float min, float max, TensorScale tensorScale, DType source) {
    if (scheme.zero() == Zero.NONE) {
      return Profile.super.fit(min, max, tensorScale, source);
    }
    float low = Math.min(min, 0);
    float high = Math.max(max, 0);
    float s = Floats.round(Floats.round(high - low, source) / range(), source);
    int zero = half();
    if (s != 0) {
      float point = Floats.round(-half() - Floats.round(low / s, source), source);
      zero += (int) Math.rint(Math.clamp(point, -half(), half() - 1));
    }
    return new Fit(stored(s), zero);
  }

  @Override
  public int code(float w, int scaleCode, TensorScale tensorScale) {
    return scheme.nearest(quotient(w, scaleCode));
  }

  @Override
  public int code(float w, Fit fit, TensorScale tensorScale) {
    if (scheme.zero() == Zero.NONE) {
      return code(w, fit.scale(), tensorScale);
    }
    float moved = quotient(w, fit.scale()) + (fit.zero() - half());
    double signed = Math.rint(Floats.round(moved, scheme.scaleType().dtype()));
    return half() + (int) Math.clamp(signed, -half(), half() - 1);
  }

  private float quotient(float w, int scaleCode) {
    return Floats.round(w / scheme.scaleType().value(scaleCode), scheme.scaleType().dtype());
  }

  private int stored(float scale) {
    int code = scheme.scaleType().nearest(scale);
    return scheme.scaleType().value(code) == 0 ? emptyGroupScale() : code;
  }

  private float range() {
    return (1 << scheme.bits()) - 1;
  }

  private int half() {
    return 1 << scheme.bits() - 1;
  }

  /// The distance from 1 to the next number, as torch's `finfo` has it.
  private static float epsilon(DType dtype) {
    return switch (dtype) {
      case BF16 -> 0x1p-7f;
      case F16 -> 0x1p-10f;
      default -> 0x1p-23f;
    };
  }
}
