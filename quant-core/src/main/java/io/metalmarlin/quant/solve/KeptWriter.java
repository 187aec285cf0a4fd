package io.metalmarlin.quant.solve;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import io.metalmarlin.formats.scheme.Sparse24Matrix;
import io.metalmarlin.formats.scheme.Sparse24Scheme;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/// Writes columns of codes and masks into the row-major form of [Sparse24Matrix].
final class KeptWriter {
  private KeptWriter() {}

  /// Writes the rows `[from, to)`.
  ///
  /// @param keep `cols x stride`, entry (column, row) at `column * stride + row - from`: 1 where
  ///   the row keeps the column, at most two of a quad
  /// @param codes the same shape
  /// @param zero the code of zero, for the columns that fill up a quad with fewer than two
  static void write(
      byte[] keep, byte[] codes, byte zero, int stride, Sparse24Matrix out, int from, int to) {
    int bits = out.values().scheme().codeBits();
    byte[] kept = new byte[out.values().codeStride()];
    byte[] patterns = new byte[Sparse24Matrix.stride(out.cols())];
    for (int row = from; row < to; row++) {
      Arrays.fill(kept, (byte) 0);
      Arrays.fill(patterns, (byte) 0);
      for (int quad = 0; quad < out.cols() / 4; quad++) {
        int pattern = pattern(keep, quad, stride, row - from);
        put(patterns, quad, Sparse24Scheme.PATTERN_BITS, pattern);
        int first = (4 * quad + Sparse24Matrix.first(pattern)) * stride + row - from;
        int second = (4 * quad + Sparse24Matrix.second(pattern)) * stride + row - from;
        put(kept, 2 * quad, bits, (keep[first] == 0 ? zero : codes[first]) & 0xff);
        put(kept, 2 * quad + 1, bits, (keep[second] == 0 ? zero : codes[second]) & 0xff);
      }
      MemorySegment.copy(
          kept, 0, out.values().codes(), JAVA_BYTE, (long) row * kept.length, kept.length);
      MemorySegment.copy(
          patterns, 0, out.patterns(), JAVA_BYTE, (long) row * patterns.length, patterns.length);
    }
  }

  /// The pattern of a quad; its lowest pruned columns fill up what is missing of two.
  private static int pattern(byte[] keep, int quad, int stride, int row) {
    int mask = 0;
    for (int c = 0; c < 4; c++) {
      mask |= (keep[(4 * quad + c) * stride + row] & 1) << c;
    }
    while (Integer.bitCount(mask) < 2) {
      mask |= Integer.lowestOneBit(~mask);
    }
    return Sparse24Matrix.indexOf(
        Integer.numberOfTrailingZeros(mask), 31 - Integer.numberOfLeadingZeros(mask));
  }

  /// Puts a number of at most 8 bits at an index, least significant bits first.
  private static void put(byte[] line, int index, int bits, int number) {
    int at = index * bits;
    int shifted = number << at % 8;
    line[at / 8] |= (byte) shifted;
    if (shifted > 0xff) {
      line[at / 8 + 1] |= (byte) (shifted >>> 8);
    }
  }
}
