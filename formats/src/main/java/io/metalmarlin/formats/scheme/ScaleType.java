package io.metalmarlin.formats.scheme;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import io.metalmarlin.formats.number.Floats;
import io.metalmarlin.formats.tensor.DType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/// The stored type of group scales: a scale code is its bits, unsigned.
public enum ScaleType {
  /// 1-4-3 without infinities; 0x7f and 0xff are NaN.
  E4M3(DType.F8_E4M3),
  /// `2^(code - 127)`; 255 is NaN. No sign, no zero.
  E8M0(DType.F8_E8M0),
  F16(DType.F16),
  BF16(DType.BF16),
  F32(DType.F32);

  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final DType dtype;

  ScaleType(DType dtype) {
    this.dtype = dtype;
  }

  /// The type that holds scales of a checkpoint whose dense tensors are of type `dtype`.
  ///
  /// @throws IllegalArgumentException unless that is F16, BF16 or F32
  public static ScaleType of(DType dtype) {
    return switch (dtype) {
      case F16 -> F16;
      case BF16 -> BF16;
      case F32 -> F32;
      default -> throw new IllegalArgumentException("no scales of type " + dtype);
    };
  }

  /// The element type that has these bits.
  public DType dtype() {
    return dtype;
  }

  public int bits() {
    return dtype.bits();
  }

  public int bytes() {
    return dtype.bits() / 8;
  }

  /// The number that a scale code stands for.
  public float value(int code) {
    return switch (this) {
      case E4M3 -> io.metalmarlin.formats.number.E4M3.value(code);
      // Subnormal at 0; 0xff would be infinity and is NaN.
      case E8M0 ->
          code == 0xff ? Float.NaN : Float.intBitsToFloat(code == 0 ? 0x0040_0000 : code << 23);
      case F16 -> Float.float16ToFloat((short) code);
      case BF16 -> Float.intBitsToFloat(code << 16);
      case F32 -> Float.intBitsToFloat(code);
    };
  }

  /// The code nearest to a finite `s`, ties to even, saturating at the largest finite number. For
  /// E8M0 the nearest power of two by exponent rounding up from a mantissa of 1.5; `s` must not be
  /// negative there and for E4M3.
  public int nearest(float s) {
    return switch (this) {
      case E4M3 -> io.metalmarlin.formats.number.E4M3.nearest(s);
      case E8M0 -> Math.clamp(Math.getExponent(s * (4f / 3)) + 127, 0, 254);
      case F16 -> Float.floatToFloat16(Math.clamp(s, -65504f, 65504f)) & 0xffff;
      case BF16 ->
          Float.floatToRawIntBits(
                  io.metalmarlin.formats.number.BF16.round(Math.clamp(s, -BF16_MAX, BF16_MAX)))
              >>> 16;
      case F32 -> Float.floatToRawIntBits(s);
    };
  }

  /// The numbers of `count` scale codes from index `first` on.
  public void values(MemorySegment scales, long first, float[] out, int count) {
    if (Floats.supports(dtype)) {
      Floats.widen(dtype, scales, first, out, 0, count);
      return;
    }
    for (int i = 0; i < count; i++) {
      out[i] = value(code(scales, first + i));
    }
  }

  /// Stores the codes nearest to `count` numbers ([#nearest]), from index `first` on. Not for NaN.
  public void putNearest(float[] values, MemorySegment scales, long first, int count) {
    switch (this) {
      case F16 -> {
        short[] codes = new short[count];
        for (int i = 0; i < count; i++) {
          codes[i] = Float.floatToFloat16(Math.min(65504f, Math.max(-65504f, values[i])));
        }
        MemorySegment.copy(codes, 0, scales, SHORT, 2 * first, count);
      }
      case BF16 -> {
        short[] codes = new short[count];
        for (int i = 0; i < count; i++) {
          int bits = Float.floatToRawIntBits(Math.min(BF16_MAX, Math.max(-BF16_MAX, values[i])));
          codes[i] = (short) (bits + 0x7fff + (bits >>> 16 & 1) >>> 16);
        }
        MemorySegment.copy(codes, 0, scales, SHORT, 2 * first, count);
      }
      default -> {
        for (int i = 0; i < count; i++) {
          put(scales, first + i, nearest(values[i]));
        }
      }
    }
  }

  private static final float BF16_MAX = Float.intBitsToFloat(0x7f7f_0000);

  /// The scale code at an index of an array of scales.
  public int code(MemorySegment scales, long index) {
    return switch (bytes()) {
      case 1 -> scales.get(JAVA_BYTE, index) & 0xff;
      case 2 -> scales.get(SHORT, 2 * index) & 0xffff;
      default -> scales.get(INT, 4 * index);
    };
  }

  /// Stores a scale code at an index of an array of scales.
  public void put(MemorySegment scales, long index, int code) {
    switch (bytes()) {
      case 1 -> scales.set(JAVA_BYTE, index, (byte) code);
      case 2 -> scales.set(SHORT, 2 * index, (short) code);
      default -> scales.set(INT, 4 * index, code);
    }
  }
}
