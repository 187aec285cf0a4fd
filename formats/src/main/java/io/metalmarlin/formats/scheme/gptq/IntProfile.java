package io.metalmarlin.formats.scheme.gptq;

import io.metalmarlin.formats.scheme.GroupScheme.Zero;
import io.metalmarlin.formats.scheme.IntScheme;
import io.metalmarlin.formats.scheme.Profile;
import io.metalmarlin.formats.scheme.TensorScale;
import io.metalmarlin.formats.tensor.DType;

/// The range rule of the GPTQ family in fp32. Symmetric: `scale = 2 amax / (2^bits - 1)`.
/// Asymmetric: the range is widened to hold zero, `scale = (max - min) / (2^bits - 1)`, `zero_point
/// = round(-min / scale)`. A group of zeros counts as the range -1 to 1. Codes are found under the
/// stored scale, halves to even.
///
/// @param smallestZero the smallest zero point the layout can store; a range that needs a smaller
///   one gets fewer codes above zero
record IntProfile(IntScheme scheme, int smallestZero) implements Profile {
  private int maxCode() {
    return (1 << scheme.bits()) - 1;
  }

  @Override
  public int groupScale(float amax, TensorScale tensorScale, DType source) {
    return scheme.scaleType().nearest(2 * (amax == 0 ? 1 : amax) / maxCode());
  }

  @Override
  public Fit fit(float min, float max, TensorScale tensorScale, DType source) {
    float low = Math.min(min, 0);
    float high = Math.max(max, 0);
    boolean empty = low == 0 && high == 0;
    if (scheme.zero() == Zero.NONE || empty) {
      int middle = 1 << scheme.bits() - 1;
      return new Fit(groupScale(Math.max(-low, high), tensorScale, source), middle);
    }
    float scale = (high - low) / maxCode();
    int zero = (int) Math.rint(-low / scale);
    if (zero < smallestZero) {
      zero = smallestZero;
      scale = Math.max(high / (maxCode() - zero), -low / zero);
    }
    return new Fit(scheme.scaleType().nearest(scale), zero);
  }

  @Override
  public int emptyGroupScale() {
    return groupScale(0, TensorScale.NONE, DType.F32);
  }

  /// The kernels multiply the difference of code and zero point by the scale as it stands:
  /// exllama's and Marlin's in vLLM (`csrc/quantization/gptq/qdq_4.cuh`,
  /// `marlin/marlin_template.h`). Half the scales of AutoRound's symmetric packs in both formats
  /// are negative (`quant_tensor_sym` of `auto_round/data_type/int.py`).
  @Override
  public boolean negativeScales() {
    return true;
  }

  @Override
  public int code(float w, int scaleCode, TensorScale tensorScale) {
    return code(w, scaleCode, scheme.offset());
  }

  @Override
  public int code(float w, Fit fit, TensorScale tensorScale) {
    return code(w, fit.scale(), scheme.zero() == Zero.NONE ? scheme.offset() : fit.zero());
  }

  private int code(float w, int scaleCode, int zero) {
    float scale = scheme.scaleType().value(scaleCode);
    // A scale may underflow in its type; every code then stands for 0.
    return scale == 0 ? zero : (int) Math.clamp(Math.rint(w / scale) + zero, 0, maxCode());
  }
}
