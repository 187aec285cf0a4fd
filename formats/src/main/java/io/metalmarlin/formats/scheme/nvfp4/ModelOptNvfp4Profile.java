package io.metalmarlin.formats.scheme.nvfp4;

import io.metalmarlin.formats.number.E2M1;
import io.metalmarlin.formats.number.E4M3;
import io.metalmarlin.formats.scheme.TensorScale;
import io.metalmarlin.formats.tensor.DType;

/// NVIDIA ModelOpt: everything in fp32 whatever the weights' type; a group of zeros stores 1.0
/// (0x38), any other group at least the smallest E4M3 step.
final class ModelOptNvfp4Profile extends Nvfp4Profile {
  static final ModelOptNvfp4Profile INSTANCE = new ModelOptNvfp4Profile();

  private static final int ONE = 0x38;
  private static final float SMALLEST = 0x1p-9f;

  private ModelOptNvfp4Profile() {}

  /// Multiplier `amax / 2688`; 1 for a tensor of zeros, where ModelOpt itself would store 0.
  @Override
  public TensorScale tensorScale(float amax, DType source) {
    return multiplier(amax / Nvfp4Scheme.RANGE);
  }

  @Override
  public TensorScale searchScale(float amax) {
    return multiplier(amax / Nvfp4Scheme.SEARCH_RANGE);
  }

  @Override
  public int groupScale(float amax, TensorScale tensorScale, DType source) {
    float t = amax / (E2M1.MAX * tensorScale.as(TensorScale.Kind.MULTIPLIER).value());
    return t == 0 ? ONE : E4M3.nearest(Math.clamp(t, SMALLEST, E4M3.MAX));
  }

  @Override
  public int emptyGroupScale() {
    return ONE;
  }

  private static TensorScale multiplier(float value) {
    boolean usable = Float.isFinite(value) && value > 0;
    return new TensorScale(TensorScale.Kind.MULTIPLIER, usable ? value : 1f);
  }
}
