package io.metalmarlin.quant.solve;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import io.metalmarlin.quant.calibrate.ArrayMemory;
import io.metalmarlin.runtime.blas.OpenBlas;
import java.lang.foreign.MemorySegment;

/// Reads the multipliers of a [ColumnFactor] and moves whole runs of columns by them.
final class FactorRows {
  private final ColumnFactor factor;
  private final MemorySegment lower;
  private final int cols;

  /// @param factor owned by the caller
  FactorRows(ColumnFactor factor) {
    this.factor = factor;
    this.lower = ArrayMemory.of(factor.lower());
    this.cols = factor.order().length;
  }

  /// By what the deviation at a position moves `count` positions from `first` on, all below it.
  void read(int position, int first, float[] multipliers, int count) {
    MemorySegment.copy(at(position, first), JAVA_FLOAT_UNALIGNED, 0, multipliers, 0, count);
  }

  /// Moves the values at positions `[first, last)` by the deviations of positions `[from, to)`.
  ///
  /// @param values position `first` at its start, `stride` floats a position
  /// @param width lanes to move
  /// @param deviations position `from` at its start
  void move(
      MemorySegment values,
      int stride,
      int from,
      int to,
      int first,
      int last,
      int width,
      MemorySegment deviations,
      int deviationStride) {
    OpenBlas.sgemm(
        true,
        false,
        last - first,
        width,
        to - from,
        -1,
        at(from, first),
        cols,
        deviations,
        deviationStride,
        1,
        values,
        stride);
  }

  /// Finishes `W L` of positions `[from, to)` in the right half of the panel's moving values and
  /// returns its part of `|W L|^2`.
  double weightNorm(Panel panel, int from, int to) {
    int n = panel.stride();
    MemorySegment right = panel.moving.asSlice((2L * from * n + n) * Float.BYTES);
    MemorySegment weights = panel.deviations.asSlice((long) n * Float.BYTES);
    OpenBlas.sgemm(
        true,
        false,
        to - from,
        n,
        to - from,
        -1,
        at(from, from),
        cols,
        weights,
        2 * n,
        1,
        right,
        2 * n);
    float[] column = new float[n];
    float[] lanes = new float[GridKernel.LANES];
    double sum = 0;
    for (int p = from; p < to; p++) {
      MemorySegment.copy(
          right, JAVA_FLOAT_UNALIGNED, 2L * (p - from) * n * Float.BYTES, column, 0, n);
      sum += factor.pivots()[p] * Lanes.sumOfSquares(column, 0, n, lanes);
    }
    return sum;
  }

  private MemorySegment at(int position, int first) {
    return lower.asSlice(((long) position * cols + first) * Float.BYTES);
  }
}
