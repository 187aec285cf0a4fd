package io.metalmarlin.formats.scheme.mlx;

import io.metalmarlin.formats.scheme.Profile;
import io.metalmarlin.formats.scheme.ScaleType;
import io.metalmarlin.formats.scheme.TensorScale;
import io.metalmarlin.formats.tensor.DType;

/// `mx.quantize` in mode `affine` on the CPU of MLX 0.32: fp32 arithmetic, codes found under the
/// scale and bias before these are rounded to their stored type, halves to even. The edge of the
/// range with the larger magnitude lies on a code exactly, so a group whose largest magnitude is
/// positive has a negative scale. (The GPU kernels round halves away from zero.)
///
/// @param bits of a code
/// @param scaleType of scales and biases
record MlxAffineProfile(int bits, ScaleType scaleType) implements Profile {
  private static final float SMALLEST_SCALE = 1e-7f;

  @Override
  public int groupScale(float amax, TensorScale tensorScale, DType source) {
    return fit(-amax, amax, tensorScale, source).scale();
  }

  @Override
  public Fit fit(float min, float max, TensorScale tensorScale, DType source) {
    boolean fromMin = Math.abs(min) > Math.abs(max);
    float magnitude = Math.max((max - min) / ((1 << bits) - 1), SMALLEST_SCALE);
    float scale = fromMin ? magnitude : -magnitude;
    float edge = fromMin ? min : max;
    float steps = (float) Math.rint(edge / scale);
    float bias = 0;
    if (steps != 0) {
      scale = edge / steps;
      bias = edge;
    }
    return new Fit(scaleType.nearest(scale), scaleType.nearest(bias), scale, bias);
  }

  @Override
  public int emptyGroupScale() {
    return scaleType.nearest(-SMALLEST_SCALE);
  }

  @Override
  public int code(float w, int scaleCode, TensorScale tensorScale) {
    throw new IllegalArgumentException("an affine code needs a bias");
  }

  @Override
  public int code(float w, Fit fit, TensorScale tensorScale) {
    boolean exact = !Float.isNaN(fit.exactScale());
    float scale = exact ? fit.exactScale() : scaleType.value(fit.scale());
    float bias = exact ? fit.exactZero() : scaleType.value(fit.zero());
    return scale == 0 ? 0 : (int) Math.clamp(Math.rint((w - bias) / scale), 0, (1 << bits) - 1);
  }
}
