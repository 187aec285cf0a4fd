package io.metalmarlin.runtime.cpu.kernel;

import io.metalmarlin.runtime.model.StoredMatrix;
import java.lang.foreign.MemorySegment;

/// Reads one stored form of weight matrix: whole rows to fp32 for products with many rows, and dot
/// products straight from the stored bytes for few.
public interface WeightKernel {
  /// Whether it reads this matrix.
  boolean accepts(StoredMatrix matrix);

  /// The kernel that reads this one matrix: this one, or one of its own that keeps the codes in
  /// another order as well.
  default WeightKernel open(StoredMatrix matrix) {
    return this;
  }

  /// Decodes rows `[from, to)` to fp32, row-major without gaps, at the start of `out`.
  void decode(StoredMatrix matrix, int from, int to, MemorySegment out);

  /// Brings one input vector into the form in which [#multiply] reads it.
  ///
  /// @param x `cols` floats from byte `xOffset` on
  /// @param prepared room for `cols` floats
  void prepare(StoredMatrix matrix, MemorySegment x, long xOffset, MemorySegment prepared);

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
