package io.metalmarlin.quant.solve;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import io.metalmarlin.formats.scheme.QuantizedMatrix;
import java.lang.foreign.MemorySegment;

/// Writes codes that were found column by column into the row-major form of [QuantizedMatrix].
final class CodeWriter {
  /// Rows whose codes share a cache line in the column-major array.
  private static final int ROWS = 64;

  private CodeWriter() {}

  /// Writes the rows `[from, to)`.
  ///
  /// @param codes `cols x stride`, entry (column, row) at `column * stride + row - from`
  static void codes(byte[] codes, int stride, QuantizedMatrix out, int from, int to) {
    int bits = out.scheme().codeBits();
    int cols = out.cols();
    byte[] line = new byte[out.codeStride()];
    for (int first = from; first < to; first += ROWS) {
      for (int row = first; row < Math.min(first + ROWS, to); row++) {
        int length = 0;
        int pending = 0;
        int held = 0;
        for (int c = 0; c < cols; c++) {
          pending |= (codes[c * stride + row - from] & 0xff) << held;
          for (held += bits; held >= 8; held -= 8) {
            line[length++] = (byte) pending;
            pending >>>= 8;
          }
        }
        if (held > 0) {
          line[length] = (byte) pending;
        }
        MemorySegment.copy(line, 0, out.codes(), JAVA_BYTE, (long) row * line.length, line.length);
      }
    }
  }

  /// Writes scales and zeros of the rows `[from, to)`; those of groups of several rows stand there
  /// already.
  ///
  /// @param fits `groups x stride`, entry (group, row) at `group * stride + row - from`
  static void fits(Fits fits, int stride, QuantizedMatrix out, int from, int to) {
    if (out.scheme().groupRows() > 1) {
      return;
    }
    for (int row = from; row < to; row++) {
      for (int g = 0; g < out.groups(); g++) {
        int i = g * stride + row - from;
        out.putGroup(row, g, fits.scaleCodes[i], fits.zeroCodes[i]);
      }
    }
  }
}
