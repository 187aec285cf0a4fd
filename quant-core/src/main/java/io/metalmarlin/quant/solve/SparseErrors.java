package io.metalmarlin.quant.solve;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import io.metalmarlin.quant.calibrate.InputStatistics;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// Errors of a pruned and quantized tile by their definition, from its decoded codes.
final class SparseErrors {
  private static final int ROWS = 64;

  private SparseErrors() {}

  static TileError of(SparseTile tile, @Nullable InputStatistics statistics) {
    TileError sum = TileError.ZERO;
    int cols = tile.cols();
    float[] weights = new float[ROWS * cols];
    float[] decoded = new float[ROWS * cols];
    for (int from = 0; from < tile.rows(); from += ROWS) {
      int rows = Math.min(ROWS, tile.rows() - from);
      MemorySegment.copy(
          tile.weights(),
          JAVA_FLOAT_UNALIGNED,
          (long) from * cols * Float.BYTES,
          weights,
          0,
          rows * cols);
      tile.out().decode(from, from + rows, decoded);
      sum = sum.plus(TileError.of(decoded, weights, rows, cols, statistics));
    }
    return sum;
  }
}
