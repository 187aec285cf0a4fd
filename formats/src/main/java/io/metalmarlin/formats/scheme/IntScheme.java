package io.metalmarlin.formats.scheme;

/// Integers of 2 to 8 bits in groups of columns. Codes are unsigned: without a zero point code `c`
/// stands for `c - 2^(bits-1)`, with a zero point or a bias for itself.
///
/// @param groupSize columns that share a scale, or [GroupScheme#WHOLE] for one scale a row
public record IntScheme(int bits, int groupSize, ScaleType scaleType, Zero zero)
    implements GroupScheme {
  public IntScheme {
    if (bits < 2 || bits > 8 || groupSize < 1) {
      throw new IllegalArgumentException("int" + bits + " in groups of " + groupSize);
    }
  }

  @Override
  public String name() {
    String group = groupSize == WHOLE ? "channel" : "g" + groupSize;
    String kind =
        switch (zero) {
          case NONE -> "";
          case POINT -> "-asym";
          case BIAS -> "-affine";
        };
    return "int" + bits + "-" + group + kind + "-" + scaleType.name().toLowerCase();
  }

  @Override
  public int codeBits() {
    return bits;
  }

  /// What is subtracted from a code to get its value.
  public int offset() {
    return zero == Zero.NONE ? 1 << bits - 1 : 0;
  }

  @Override
  public float value(int code) {
    return code - offset();
  }

  /// Round half to even, clamped to the codes.
  @Override
  public int nearest(float x) {
    return (int) Math.clamp(Math.rint(x) + offset(), 0, (1 << bits) - 1);
  }
}
