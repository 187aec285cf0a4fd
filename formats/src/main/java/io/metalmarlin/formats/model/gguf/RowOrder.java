package io.metalmarlin.formats.model.gguf;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// Another order of a matrix's rows in a file than in Hugging Face. Rows are whole, so that block
/// types are moved without being decoded.
public interface RowOrder {
  /// The GGUF row that holds Hugging Face's row `row` of `rows`.
  long ggufRow(long row, long rows);

  /// The Hugging Face row that GGUF's row `row` of `rows` holds.
  long huggingFaceRow(long row, long rows);

  /// Whether a matrix of so many rows can be in this order.
  boolean fits(long rows);

  /// A copy of GGUF's rows in Hugging Face's order.
  default MemorySegment toHuggingFace(MemorySegment gguf, long rows) {
    MemorySegment out = Arena.ofAuto().allocate(gguf.byteSize(), Long.BYTES);
    long rowBytes = gguf.byteSize() / rows;
    for (long row = 0; row < rows; row++) {
      MemorySegment.copy(gguf, ggufRow(row, rows) * rowBytes, out, row * rowBytes, rowBytes);
    }
    return out;
  }
}
