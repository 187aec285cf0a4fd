package io.metalmarlin.formats.model.gguf;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// The order of the rows of queries and keys in files of the `llama` architecture.
///
/// Hugging Face turns element `t` of a head with element `t + d/2`, ggml neighbours: so Hugging
/// Face's row `h·d + s·d/2 + t` is GGUF's row `h·d + 2t + s`. Rows are whole, so that block types
/// are moved without being decoded.
///
/// @param heads of the projection; divides its rows
public record HeadOrder(int heads) {
  /// The GGUF row that holds Hugging Face's row `row` of `rows`.
  public long ggufRow(long row, long rows) {
    long width = rows / heads;
    long half = width / 2;
    long within = row % width;
    return row - within + 2 * (within % half) + within / half;
  }

  /// The Hugging Face row that GGUF's row `row` of `rows` holds.
  public long huggingFaceRow(long row, long rows) {
    long width = rows / heads;
    long half = width / 2;
    long within = row % width;
    return row - within + (within % 2) * half + within / 2;
  }

  /// Whether a matrix of so many rows can be in this order.
  public boolean fits(long rows) {
    return heads > 0 && rows % heads == 0 && rows / heads % 2 == 0;
  }

  /// A copy of GGUF's rows in Hugging Face's order.
  MemorySegment toHuggingFace(MemorySegment gguf, long rows) {
    MemorySegment out = Arena.ofAuto().allocate(gguf.byteSize(), Long.BYTES);
    long rowBytes = gguf.byteSize() / rows;
    for (long row = 0; row < rows; row++) {
      MemorySegment.copy(gguf, ggufRow(row, rows) * rowBytes, out, row * rowBytes, rowBytes);
    }
    return out;
  }
}
