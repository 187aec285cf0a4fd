package io.metalmarlin.formats.number;

/// The 4-bit float E2M1 (OCP Microscaling specification 1.0): sign in bit 3, and the magnitudes 0,
/// 0.5, 1, 1.5, 2, 3, 4, 6 for the codes 0 to 7. No infinity, no NaN.
public final class E2M1 {
  /// The largest magnitude.
  public static final float MAX = 6f;

  private static final float[] VALUES = {
    0f, 0.5f, 1f, 1.5f, 2f, 3f, 4f, 6f, -0f, -0.5f, -1f, -1.5f, -2f, -3f, -4f, -6f
  };

  private E2M1() {}

  /// The value of a code 0..15; code 8 is -0.
  public static float value(int code) {
    return VALUES[code];
  }

  /// The code nearest to `x`: halves go to the even code, anything beyond 6 saturates. A value
  /// below zero keeps its sign even when it rounds to zero (code 8); -0 itself gives code 0, as
  /// both compressed-tensors and ModelOpt write it.
  ///
  /// @throws IllegalArgumentException for NaN, which has no code
  public static int nearest(float x) {
    float a = Math.abs(x);
    int sign = x < 0 ? 8 : 0;
    if (a <= 0.25f) {
      return sign;
    }
    if (a < 0.75f) {
      return sign | 1;
    }
    if (a <= 1.25f) {
      return sign | 2;
    }
    if (a < 1.75f) {
      return sign | 3;
    }
    if (a <= 2.5f) {
      return sign | 4;
    }
    if (a < 3.5f) {
      return sign | 5;
    }
    if (a <= 5f) {
      return sign | 6;
    }
    if (a > 5f) {
      return sign | 7;
    }
    throw new IllegalArgumentException("NaN has no E2M1 code");
  }
}
