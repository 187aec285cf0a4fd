package io.metalmarlin.formats.scheme.regrid;

import io.metalmarlin.formats.scheme.ScaleType;

/// When `(code - point) * scale` and `code * scale + bias`, each operation rounded to fp32, are the
/// same numbers for every code.
final class Affine {
  private Affine() {}

  /// Whether no product of the scale with an integer of up to `bits` bits is rounded, so that both
  /// formulas are exact and equal where the bias is `-point * scale`.
  static boolean exact(float scale, int bits) {
    float largest = scale * (1 << bits);
    return Float.isFinite(largest) && significantBits(scale) + bits <= 24;
  }

  /// Whether that holds for each of the first `n` scales, which are of type `type`.
  static boolean exact(ScaleType type, float[] scales, int n, int bits) {
    boolean all = true;
    if (type.bits() + bits <= 24) {
      // Too few significant bits to be rounded: they need only be finite.
      float factor = 1 << bits;
      for (int i = 0; i < n; i++) {
        all &= Math.abs(scales[i] * factor) <= Float.MAX_VALUE;
      }
      return all;
    }
    for (int i = 0; i < n; i++) {
      all &= exact(scales[i], bits);
    }
    return all;
  }

  /// Bits from the first to the last set one of the significand; 0 for zero.
  private static int significantBits(float x) {
    int bits = Float.floatToRawIntBits(x);
    int significand = bits & 0x7f_ffff;
    // Subnormals lack the leading one: their products stay multiples of the smallest number.
    significand = (bits & 0x7f80_0000) == 0 ? significand : significand | 0x80_0000;
    return significand == 0
        ? 0
        : 32
            - Integer.numberOfLeadingZeros(significand)
            - Integer.numberOfTrailingZeros(significand);
  }
}
