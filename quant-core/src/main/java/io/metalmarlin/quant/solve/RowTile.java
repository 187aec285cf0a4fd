package io.metalmarlin.quant.solve;

import io.metalmarlin.formats.scheme.QuantizedMatrix;
import java.lang.foreign.MemorySegment;

/// Some rows of a matrix on their way through a solver.
///
/// @param weights `rows x cols` fp32, row-major; a solver may overwrite it
/// @param out codes and scale codes to fill, of the same rows; native or heap memory owned by the
///   caller
public record RowTile(MemorySegment weights, QuantizedMatrix out) {
  public int rows() {
    return out.rows();
  }

  public int cols() {
    return out.cols();
  }
}
