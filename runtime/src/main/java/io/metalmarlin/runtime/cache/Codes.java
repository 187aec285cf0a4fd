package io.metalmarlin.runtime.cache;

import io.metalmarlin.formats.number.E2M1;

/// What the codes of a row stand for, before its scale.
public enum Codes {
  /// Two's complement, -127 to 127.
  INT8(8, 127),
  /// Two's complement, -7 to 7.
  INT4(4, 7),
  /// The 4-bit float [E2M1].
  FP4(4, 6);

  private final int bits;
  private final int top;

  Codes(int bits, int top) {
    this.bits = bits;
    this.top = top;
  }

  public int bits() {
    return bits;
  }

  /// The largest value; the smallest is its negative.
  public int top() {
    return top;
  }

  /// @param code its lowest [#bits] bits count
  public float value(int code) {
    return switch (this) {
      case INT8 -> (byte) code;
      case INT4 -> code << 28 >> 28;
      case FP4 -> E2M1.value(code & 15);
    };
  }

  /// The code of the value nearest to `x`, halves to even; beyond [#top] saturates.
  ///
  /// @throws IllegalArgumentException for NaN with [#FP4]
  public int nearest(float x) {
    return switch (this) {
      case INT8 -> (int) Math.rint(Math.clamp(x, -127f, 127f)) & 0xff;
      case INT4 -> (int) Math.rint(Math.clamp(x, -7f, 7f)) & 15;
      case FP4 -> E2M1.nearest(x);
    };
  }
}
