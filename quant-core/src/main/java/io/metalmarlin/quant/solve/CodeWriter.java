package io.metalmarlin.quant.solve;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import io.metalmarlin.formats.scheme.QuantizedMatrix;
import java.lang.foreign.MemorySegment;

/// Writes codes that were found column by column into the row-major form of [QuantizedMatrix].
final class CodeWriter {
  /// Rows whose codes share a cache line in the column-major array.
  private static final int ROWS = 64;

  private CodeWriter() {}

  /// @param codes `cols x stride`, entry (column, row) at `column * stride + row`
  /// @param out receives all its rows
  static void codes(byte[] codes, int stride, QuantizedMatrix out) {
    int bits = out.scheme().codeBits();
    int cols = out.cols();
    byte[] line = new byte[out.codeStride()];
    for (int first = 0; first < out.rows(); first += ROWS) {
      for (int row = first; row < Math.min(first + ROWS, out.rows()); row++) {
        int length = 0;
        int pending = 0;
        int held = 0;
        for (int c = 0; c < cols; c++) {
          pending |= (codes[c * stride + row] & 0xff) << held;
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

  /// @param scales `groups x stride`, entry (group, row) at `group * stride + row`
  static void scales(byte[] scales, int stride, QuantizedMatrix out) {
    for (int row = 0; row < out.rows(); row++) {
      for (int g = 0; g < out.groups(); g++) {
        out.scales().set(JAVA_BYTE, (long) row * out.groups() + g, scales[g * stride + row]);
      }
    }
  }
}
