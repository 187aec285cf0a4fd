package io.metalmarlin.quant.solve;

import io.metalmarlin.formats.scheme.Sparse24Matrix;
import java.lang.foreign.MemorySegment;

/// Some rows of a matrix on their way to 2:4.
///
/// @param weights `rows x cols` fp32, row-major
/// @param out kept codes, patterns and scale codes to fill, of the same rows; owned by the caller
public record SparseTile(MemorySegment weights, Sparse24Matrix out) {
  public int rows() {
    return out.rows();
  }

  public int cols() {
    return out.cols();
  }
}
