package io.metalmarlin.runtime.cache;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import java.lang.foreign.MemorySegment;

/// The bytes of a row: its codes, then its scales.
///
/// 8-bit codes stand one after the other. 4-bit codes stand in blocks of [#BLOCK], the last one as
/// long as what is left: of a block of n, byte `j` has value `j` in its low and value `j +
/// ceil(n/2)` in its high nibble.
public final class CacheRows {
  /// Values whose 4-bit codes share bytes.
  public static final int BLOCK = 32;

  private CacheRows() {}

  /// Rounds `width` values to a row at a byte of `rows`. Values that are not finite, or too large
  /// for any scale, make all values of their group NaN.
  public static void encode(
      CacheFormat format, float[] x, int width, MemorySegment rows, long offset) {
    Codes codes = format.codes();
    int group = format.group(width);
    rows.asSlice(offset, format.bytes(width)).fill((byte) 0);
    long scales = offset + format.codeBytes(width);
    for (int from = 0; from < width; from += group, scales += format.scales().bytes()) {
      int to = Math.min(width, from + group);
      int bits = format.scale(x, from, to, amax(x, from, to));
      format.scales().write(rows, scales, bits);
      float scale = format.scales().value(bits);
      // A scale of 0 has only zeros below it, NaN needs no codes.
      if (scale > 0) {
        for (int i = from; i < to; i++) {
          put(codes, rows, offset, width, i, codes.nearest(x[i] / scale));
        }
      }
    }
  }

  /// Reads the values `[from, width)` of a row.
  ///
  /// @param out value `i` goes to byte `outOffset + 4 i`
  public static void decode(
      CacheFormat format,
      MemorySegment rows,
      long offset,
      int from,
      int width,
      MemorySegment out,
      long outOffset) {
    int group = format.group(width);
    long scales = offset + format.codeBytes(width);
    for (int i = from; i < width; i++) {
      float scale = format.scales().read(rows, scales + i / group * format.scales().bytes());
      float value = format.codes().value(code(format.codes(), rows, offset, width, i));
      out.set(JAVA_FLOAT_UNALIGNED, outOffset + 4L * i, value * scale);
    }
  }

  /// The code of value `i` of a row.
  public static int code(Codes codes, MemorySegment rows, long offset, int width, int i) {
    if (codes.bits() == 8) {
      return rows.get(JAVA_BYTE, offset + i) & 0xff;
    }
    int half = half(width, i);
    int b = rows.get(JAVA_BYTE, offset + at(half, i)) & 0xff;
    return i % BLOCK < half ? b & 15 : b >> 4;
  }

  private static void put(
      Codes codes, MemorySegment rows, long offset, int width, int i, int code) {
    if (codes.bits() == 8) {
      rows.set(JAVA_BYTE, offset + i, (byte) code);
      return;
    }
    int half = half(width, i);
    long at = offset + at(half, i);
    int b = rows.get(JAVA_BYTE, at);
    rows.set(JAVA_BYTE, at, (byte) (i % BLOCK < half ? b | code : b | code << 4));
  }

  /// Bytes of the block of value `i`.
  private static int half(int width, int i) {
    int n = Math.min(BLOCK, width - i / BLOCK * BLOCK);
    return (n + 1) / 2;
  }

  private static int at(int half, int i) {
    return i / BLOCK * (BLOCK / 2) + i % BLOCK % half;
  }

  private static float amax(float[] x, int from, int to) {
    float amax = 0;
    for (int i = from; i < to; i++) {
      amax = Math.max(amax, Math.abs(x[i]));
    }
    return amax;
  }
}
