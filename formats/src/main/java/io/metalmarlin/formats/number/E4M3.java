package io.metalmarlin.formats.number;

/// The 8-bit float E4M3FN (OCP 8-bit floating point specification, torch `float8_e4m3fn`): sign,
/// four exponent bits with bias 7, three mantissa bits. Exponent 0 is subnormal (`m * 2^-9`), there
/// is no infinity, 0x7F and 0xFF are NaN, the largest value is 448 (0x7E).
public final class E4M3 {
  /// The largest finite value, code 0x7E.
  public static final float MAX = 448f;

  private static final int MAX_CODE = 0x7e;
  private static final float MIN_NORMAL = 0x1p-6f;
  private static final float[] VALUES = new float[256];

  static {
    for (int code = 0; code < 256; code++) {
      int exponent = code >> 3 & 15;
      int mantissa = code & 7;
      float magnitude =
          exponent == 0 ? mantissa * 0x1p-9f : (1 + mantissa / 8f) * Math.scalb(1f, exponent - 7);
      VALUES[code] = isNaN(code) ? Float.NaN : code < 128 ? magnitude : -magnitude;
    }
  }

  private E4M3() {}

  /// The value of a code 0..255.
  public static float value(int code) {
    return VALUES[code];
  }

  /// Whether the code is one of the two NaN codes.
  public static boolean isNaN(int code) {
    return (code & 0x7f) == 0x7f;
  }

  /// The code nearest to `x`, halves to even, saturating at 448 (infinities too; torch before 2.12
  /// gave NaN there). NaN gives NaN of the same sign.
  public static int nearest(float x) {
    int bits = Float.floatToRawIntBits(x);
    int sign = bits >>> 24 & 0x80;
    float a = Math.abs(x);
    if (a != a) {
      return sign | 0x7f;
    }
    if (a >= MAX) {
      return sign | MAX_CODE;
    }
    if (a < MIN_NORMAL) {
      // Eight steps of 2^-9; a carry into the smallest normal number is code 8, which is right.
      return sign | (int) Math.rint(a * 512.0);
    }
    // Keep 3 of 23 mantissa bits; the carry runs into the exponent as it should.
    int magnitude = bits & 0x7fff_ffff;
    int rounded = magnitude + 0x7ffff + (magnitude >>> 20 & 1) >>> 20;
    return sign | rounded - (127 - 7 << 3);
  }
}
