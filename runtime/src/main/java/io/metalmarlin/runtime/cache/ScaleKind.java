package io.metalmarlin.runtime.cache;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import io.metalmarlin.formats.number.E4M3;
import java.lang.foreign.MemorySegment;

/// How a scale is stored. None is negative; NaN says that the values under it are not finite.
public enum ScaleKind {
  /// IEEE half precision.
  F16(2),
  /// [E4M3].
  E4M3FN(1);

  private static final float SMALLEST_NORMAL_HALF = 0x1p-14f;

  private final int bytes;

  ScaleKind(int bytes) {
    this.bytes = bytes;
  }

  public int bytes() {
    return bytes;
  }

  /// The bits of the stored scale under which `top` steps reach `amax`: the nearest, or where there
  /// are few bits (below the normal numbers) the next one that is not smaller.
  ///
  /// @param amax NaN, infinite and what no scale reaches give NaN
  public int bits(float amax, float top) {
    float scale = amax / top;
    return switch (this) {
      case F16 -> {
        short half = Float.floatToFloat16(scale);
        if (scale < SMALLEST_NORMAL_HALF && Float.float16ToFloat(half) < scale) {
          half++;
        }
        yield (Float.isFinite(Float.float16ToFloat(half)) ? half : 0x7e00) & 0xffff;
      }
      case E4M3FN -> {
        int code = E4M3.nearest(scale);
        if (scale > E4M3.MAX) {
          yield 0x7f;
        }
        yield code < 8 && E4M3.value(code) < scale ? code + 1 : code;
      }
    };
  }

  /// The value of stored bits.
  public float value(int bits) {
    return switch (this) {
      case F16 -> Float.float16ToFloat((short) bits);
      case E4M3FN -> E4M3.value(bits & 0xff);
    };
  }

  /// Reads a stored scale.
  public float read(MemorySegment rows, long offset) {
    return switch (this) {
      case F16 -> Float.float16ToFloat(rows.get(JAVA_SHORT_UNALIGNED, offset));
      case E4M3FN -> E4M3.value(rows.get(JAVA_BYTE, offset) & 0xff);
    };
  }

  void write(MemorySegment rows, long offset, int bits) {
    switch (this) {
      case F16 -> rows.set(JAVA_SHORT_UNALIGNED, offset, (short) bits);
      case E4M3FN -> rows.set(JAVA_BYTE, offset, (byte) bits);
    }
  }
}
