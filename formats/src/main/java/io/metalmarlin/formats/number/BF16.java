package io.metalmarlin.formats.number;

/// bfloat16: the upper half of an fp32. Java has no such type, so bf16 arithmetic is the fp32
/// operation followed by [#round]; for +, -, *, / and square root that equals the exactly rounded
/// bf16 operation because 24 >= 2 * 8 + 2 mantissa bits.
public final class BF16 {
  private BF16() {}

  /// The value of the 16 bits.
  public static float value(short bits) {
    return Float.intBitsToFloat(bits << 16);
  }

  /// The nearest bfloat16, halves to even; too large becomes infinite, NaN stays NaN of the same
  /// sign.
  public static short nearest(float x) {
    int bits = Float.floatToRawIntBits(x);
    if (x != x) {
      return (short) (bits >>> 16 | 0x40);
    }
    return (short) (bits + 0x7fff + (bits >>> 16 & 1) >>> 16);
  }

  /// `x` rounded to bfloat16, as an fp32.
  public static float round(float x) {
    return value(nearest(x));
  }
}
