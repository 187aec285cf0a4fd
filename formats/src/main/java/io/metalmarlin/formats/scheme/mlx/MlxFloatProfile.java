package io.metalmarlin.formats.scheme.mlx;

import io.metalmarlin.formats.number.E2M1;
import io.metalmarlin.formats.number.E4M3;
import io.metalmarlin.formats.scheme.GroupScheme;
import io.metalmarlin.formats.scheme.Profile;
import io.metalmarlin.formats.scheme.ScaleType;
import io.metalmarlin.formats.scheme.TensorScale;
import io.metalmarlin.formats.tensor.DType;

/// `mx.quantize` in the modes of small floats on the CPU of MLX 0.32. A power of two is the
/// smallest that keeps the group within the elements' range (1 for a group of zeros); an E4M3 scale
/// is `amax / 6` to the nearest. E2M1 elements are found by the smallest distance, first code wins:
/// halves go to the smaller magnitude, and what rounds to zero is +0. E4M3 elements round halves to
/// even. (The GPU kernels round E2M1 halves to even and keep the sign of zero.)
record MlxFloatProfile(GroupScheme scheme) implements Profile {
  private static final int EXPONENT_BIAS = 127;
  private static final int MAX_EXPONENT_CODE = 254;

  @Override
  public int groupScale(float amax, TensorScale tensorScale, DType source) {
    float s = amax / (scheme.codeBits() == 4 ? E2M1.MAX : E4M3.MAX);
    if (scheme.scaleType() == ScaleType.E4M3) {
      return E4M3.nearest(s);
    }
    return s == 0 ? EXPONENT_BIAS : Math.clamp(EXPONENT_BIAS + ceilLog2(s), 0, MAX_EXPONENT_CODE);
  }

  /// Of a positive number; a subnormal one counts as the smallest exponent.
  private static int ceilLog2(float s) {
    boolean powerOfTwo = Float.floatToRawIntBits(s) << 9 == 0;
    return Math.getExponent(s) + (powerOfTwo ? 0 : 1);
  }

  @Override
  public int emptyGroupScale() {
    return scheme.scaleType() == ScaleType.E4M3 ? 0 : EXPONENT_BIAS;
  }

  @Override
  public int code(float w, int scaleCode, TensorScale tensorScale) {
    float scale = scheme.scaleValue(scaleCode);
    if (w == 0 || scale == 0) {
      return 0;
    }
    return scheme.codeBits() == 4 ? firstNearest(w / scale) : E4M3.nearest(w / scale);
  }

  private static int firstNearest(float x) {
    float a = Math.abs(x);
    int code = 0;
    while (code < 7 && a > (E2M1.value(code) + E2M1.value(code + 1)) / 2) {
      code++;
    }
    return code == 0 || x > 0 ? code : code | 8;
  }
}
