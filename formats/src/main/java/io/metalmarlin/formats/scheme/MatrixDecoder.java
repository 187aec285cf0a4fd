package io.metalmarlin.formats.scheme;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import java.lang.foreign.ValueLayout;

/// Codes back to numbers, the scalar reference: `value(code) * effective(scale)`, where the
/// effective scale is the group scale divided or multiplied by the tensor scale first, each step
/// rounded to fp32. Faster decoders are tested against it.
public final class MatrixDecoder {
  private MatrixDecoder() {}

  /// Decodes the rows `[fromRow, toRow)` into `out`, row-major from index 0, `cols` a row.
  ///
  /// @throws MarlinException `NON_FINITE` for a group whose scale code is no number
  public static void decode(QuantizedMatrix m, int fromRow, int toRow, float[] out) {
    Scheme scheme = m.scheme();
    for (int row = fromRow; row < toRow; row++) {
      for (int group = 0; group < m.groups(); group++) {
        float scale = m.tensorScale().effective(scheme.scaleValue(m.scaleCode(row, group)));
        if (!Float.isFinite(scale)) {
          throw new MarlinException(
              ErrorCode.NON_FINITE,
              "row " + row + ", group " + group,
              "the group scale is code 0x%02x, no finite number".formatted(m.scaleCode(row, group)),
              "The checkpoint is damaged or was written by a faulty tool; quantize again.");
        }
        int end = Math.min(m.cols(), (group + 1) * scheme.groupSize());
        for (int col = group * scheme.groupSize(); col < end; col++) {
          out[(row - fromRow) * m.cols() + col] = scheme.value(code(m, row, col)) * scale;
        }
      }
    }
  }

  /// The code at a place; a code of any width up to 8 bits touches at most two bytes.
  static int code(QuantizedMatrix m, int row, int col) {
    int width = m.scheme().codeBits();
    long bit = (long) col * width;
    long at = (long) row * m.codeStride() + bit / 8;
    int shift = (int) (bit % 8);
    int bits = m.codes().get(ValueLayout.JAVA_BYTE, at) & 0xff;
    if (shift + width > 8) {
      bits |= (m.codes().get(ValueLayout.JAVA_BYTE, at + 1) & 0xff) << 8;
    }
    return bits >>> shift & (1 << width) - 1;
  }
}
