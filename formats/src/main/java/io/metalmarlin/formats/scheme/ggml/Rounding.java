package io.metalmarlin.formats.scheme.ggml;

/// The three ways ggml turns a float into an integer.
final class Rounding {
  /// 1.5 * 2^23: adding it leaves the nearest integer, halves to even, in the low mantissa bits.
  static final float MAGIC = 12582912f;

  private Rounding() {}

  /// Nearest, halves to even, for magnitudes below 2^22; beyond, NaN included, the same low bits of
  /// the sum as in C.
  static int nearest(float x) {
    return (Float.floatToRawIntBits(x + MAGIC) & 0x7fffff) - 0x400000;
  }

  /// Nearest, halves away from zero, like C's `roundf`; for magnitudes below 2^22.
  static int away(float x) {
    // The largest float below one half: with one half itself 0.49999997 would become 1.
    return truncate(x + Math.copySign(0x1.fffffep-2f, x));
  }

  /// Towards zero, as x86-64 does it: what does not fit, NaN included, becomes the smallest int
  /// (whose low byte is zero), where Java would saturate.
  static int truncate(float x) {
    return x >= -0x1p31f && x < 0x1p31f ? (int) x : Integer.MIN_VALUE;
  }
}
