package io.metalmarlin.formats.scheme.sparse24;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.scheme.Sparse24Matrix;
import io.metalmarlin.formats.scheme.Sparse24Scheme;
import java.lang.foreign.MemorySegment;

/// Checks stored pattern indices: 3 bits hold 8 numbers, only 6 of which are patterns.
final class Patterns {
  // The bit of weight 4 of eight indices in three bytes.
  private static final int FOURS = 0x924924;

  private Patterns() {}

  /// @param plane `rows` rows of [Sparse24Matrix#stride] bytes
  /// @throws MarlinException `TENSOR_MISMATCH` for an index of 6 or 7, and for bits behind the last
  ///   index of a row that are not 0
  static void require(String where, MemorySegment plane, int rows, int cols) {
    int stride = Sparse24Matrix.stride(cols);
    for (int row = 0; row < rows; row++) {
      for (int at = 0; at < stride; at += 3) {
        int three = word(plane, (long) row * stride + at, Math.min(3, stride - at));
        // An index is 6 or 7 where its upper two bits are both set.
        int bad = three & three << 1 & FOURS;
        if (bad != 0) {
          throw refused(where, row, at / 3 * 8 + Integer.numberOfTrailingZeros(bad) / 3, three);
        }
      }
      int bits = cols / 4 * Sparse24Scheme.PATTERN_BITS;
      if (bits % 8 != 0 && word(plane, (long) row * stride + stride - 1, 1) >>> bits % 8 != 0) {
        throw new MarlinException(
            ErrorCode.TENSOR_MISMATCH,
            where,
            "row %d has bits behind its last pattern, %d of %d columns"
                .formatted(row, cols / 4 * 4, cols),
            "The checkpoint is damaged; make it again.");
      }
    }
  }

  private static int word(MemorySegment plane, long at, int bytes) {
    int word = 0;
    for (int i = 0; i < bytes; i++) {
      word |= (plane.get(JAVA_BYTE, at + i) & 0xff) << 8 * i;
    }
    return word;
  }

  private static MarlinException refused(String where, int row, int quad, int three) {
    return new MarlinException(
        ErrorCode.TENSOR_MISMATCH,
        where,
        "row %d, quad %d (columns %d to %d): pattern index %d, the patterns are 0 to 5"
            .formatted(row, quad, 4 * quad, 4 * quad + 3, three >>> quad % 8 * 3 & 7),
        "The checkpoint is damaged or was written by a faulty tool; make it again.");
  }
}
