package io.metalmarlin.quant.solve;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import io.metalmarlin.runtime.blas.OpenBlas;
import java.lang.foreign.MemorySegment;

/// Products of the damped Hessian with deviations, whose entry (position, row) is element `position
/// * stride + row`. Its upper half lies in the memory of the [ColumnFactor], above the factor.
final class HessianProducts {
  private final MemorySegment upper;
  private final float[] diagonal;
  private final int cols;

  /// @param factor made with the Hessian
  /// @param memory its matrix
  HessianProducts(ColumnFactor factor, MemorySegment memory) {
    this.upper = memory;
    this.diagonal = factor.diagonal();
    this.cols = factor.order().length;
  }

  float diagonal(int position) {
    return diagonal[position];
  }

  /// Writes the square of positions `[from, to)`, both halves.
  void square(int from, int to, MemorySegment out) {
    int width = to - from;
    float[] row = new float[width];
    for (int i = 0; i < width; i++) {
      MemorySegment.copy(at(from + i, from), JAVA_FLOAT_UNALIGNED, 0, row, 0, width);
      for (int j = i + 1; j < width; j++) {
        out.setAtIndex(JAVA_FLOAT_UNALIGNED, (long) i * width + j, row[j]);
        out.setAtIndex(JAVA_FLOAT_UNALIGNED, (long) j * width + i, row[j]);
      }
      out.setAtIndex(JAVA_FLOAT_UNALIGNED, (long) i * width + i, diagonal[from + i]);
    }
  }

  /// Takes what deviations at positions `[from, to)` do to all other positions off `b`.
  ///
  /// @param deviations position `from` at its start, `n` a position
  /// @param b position 0 at its start
  void subtractElsewhere(
      int from, int to, MemorySegment deviations, int n, MemorySegment b, int stride) {
    if (from > 0) {
      product(false, from, to - from, at(0, from), deviations, n, b, stride);
    }
    if (to < cols) {
      MemorySegment rest = b.asSlice((long) to * stride * Float.BYTES);
      product(true, cols - to, to - from, at(from, to), deviations, n, rest, stride);
    }
  }

  private void product(
      boolean transposed,
      int m,
      int k,
      MemorySegment a,
      MemorySegment deviations,
      int n,
      MemorySegment b,
      int stride) {
    OpenBlas.sgemm(transposed, false, m, n, k, -1, a, cols, deviations, n, 1, b, stride);
  }

  private MemorySegment at(int position, int first) {
    return upper.asSlice(((long) position * cols + first) * Float.BYTES);
  }
}
