package io.metalmarlin.runtime.cpu.kernel;

import io.metalmarlin.runtime.model.StoredMatrix;
import java.lang.foreign.MemorySegment;

/// Reads one weight matrix: whole rows to fp32 for products with many rows, and dot products from
/// the stored bytes, or others made from them, for few.
public interface MatrixKernel {
  /// Decodes rows `[from, to)` to fp32, row-major without gaps, at the start of `out`.
  void decode(StoredMatrix matrix, int from, int to, MemorySegment out);

  /// Brings one input vector into the form in which [#multiply] reads it: here as it is.
  ///
  /// @param x `cols` floats from byte `xOffset` on
  /// @param prepared room for `cols` floats
  default void prepare(StoredMatrix matrix, MemorySegment x, long xOffset, MemorySegment prepared) {
    MemorySegment.copy(x, xOffset, prepared, 0, 4L * matrix.cols());
  }

  /// `out[r] = W[r] . x` for the rows `[from, to)`; each row's result is independent of the range.
  ///
  /// @param prepared what [#prepare] wrote
  /// @param out row `r` goes to byte `outOffset + 4 r`
  void multiply(
      StoredMatrix matrix,
      int from,
      int to,
      MemorySegment prepared,
      MemorySegment out,
      long outOffset);
}
