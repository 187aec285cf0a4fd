package io.metalmarlin.formats.scheme.nvfp4;

import io.metalmarlin.formats.number.BF16;
import io.metalmarlin.formats.number.E2M1;
import io.metalmarlin.formats.number.E4M3;
import io.metalmarlin.formats.scheme.TensorScale;
import io.metalmarlin.formats.tensor.DType;

/// llm-compressor with compressed-tensors 0.18: scales are computed in the weights' own type, so
/// bf16 weights get bf16 quotients; a group whose scale rounds to zero stores 0.125 (0x20), the
/// epsilon of E4M3.
final class CompressedTensorsNvfp4Profile extends Nvfp4Profile {
  static final CompressedTensorsNvfp4Profile INSTANCE = new CompressedTensorsNvfp4Profile();

  private static final int EPSILON = 0x20;

  private CompressedTensorsNvfp4Profile() {}

  /// Divisor `2688 / amax`, as torch evaluates scalar / tensor: reciprocal, then product, each
  /// rounded to bf16 for bf16 weights. 1 where that is not finite.
  @Override
  public TensorScale tensorScale(float amax, DType source) {
    float divisor = round(round(1f / amax, source) * Nvfp4Scheme.RANGE, source);
    return divisor(divisor);
  }

  @Override
  public TensorScale searchScale(float amax) {
    return divisor(Nvfp4Scheme.SEARCH_RANGE / amax);
  }

  @Override
  public int groupScale(float amax, TensorScale tensorScale, DType source) {
    float s = round(amax / E2M1.MAX, source);
    float t = s * tensorScale.as(TensorScale.Kind.DIVISOR).value();
    int code = E4M3.nearest(t);
    return code == 0 ? EPSILON : code;
  }

  @Override
  public int emptyGroupScale() {
    return EPSILON;
  }

  private static TensorScale divisor(float value) {
    boolean usable = Float.isFinite(value) && value > 0;
    return new TensorScale(TensorScale.Kind.DIVISOR, usable ? value : 1f);
  }

  private static float round(float x, DType source) {
    return source == DType.BF16 ? BF16.round(x) : x;
  }
}
