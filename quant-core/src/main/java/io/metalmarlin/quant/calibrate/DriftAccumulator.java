package io.metalmarlin.quant.calibrate;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.runtime.blas.Workers;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// Adds up `(X - Xq)'Xq` of one linear input, block of tokens by block of tokens, the way
/// [HessianAccumulator] does `Xq'Xq`.
public final class DriftAccumulator implements AutoCloseable {
  private static final int TILE_ROWS = 64;

  private final String where;
  private final int cols;
  private final Workers workers;
  private final ProductTotals totals;
  private Arena arena = Arena.ofShared();
  private MemorySegment differences = MemorySegment.NULL;
  private long tokens;

  /// @param where the linears that read this input, for messages
  /// @param cols width of the input
  public DriftAccumulator(String where, int cols, Workers workers) {
    this.where = where;
    this.cols = cols;
    this.workers = workers;
    this.totals = new ProductTotals(cols, workers);
  }

  /// Adds the rows of the same tokens; the segments are only read during the call.
  ///
  /// @param full the input in full precision: fp32, `[rows, cols]`, native memory
  /// @param moved the input behind the quantized prefix, likewise
  public void add(MemorySegment full, MemorySegment moved, int rows) {
    long bytes = (long) rows * cols * Float.BYTES;
    if (differences.byteSize() < bytes) {
      arena.close();
      arena = Arena.ofShared();
      differences = arena.allocate(bytes, 64);
    }
    workers.run(
        Math.ceilDiv(rows, TILE_ROWS),
        tile -> subtract(full, moved, tile * TILE_ROWS, Math.min(rows, (tile + 1) * TILE_ROWS)));
    totals.addProduct(
        new ProductTotals.Rows(differences, cols), new ProductTotals.Rows(moved, cols), rows);
    tokens += rows;
  }

  private void subtract(MemorySegment full, MemorySegment moved, int from, int to) {
    float[] x = new float[cols];
    float[] xq = new float[cols];
    for (int row = from; row < to; row++) {
      long at = (long) row * cols * Float.BYTES;
      MemorySegment.copy(full, JAVA_FLOAT_UNALIGNED, at, x, 0, cols);
      MemorySegment.copy(moved, JAVA_FLOAT_UNALIGNED, at, xq, 0, cols);
      for (int c = 0; c < cols; c++) {
        x[c] -= xq[c];
      }
      MemorySegment.copy(x, 0, differences, JAVA_FLOAT_UNALIGNED, at, cols);
    }
  }

  /// `(X - Xq)'Xq / tokens`. The accumulator is used up; the result owns the memory.
  ///
  /// @throws MarlinException `CALIBRATION_TOO_SHORT` without any token, `NUMERIC_FAILURE` when the
  ///   sums are not finite
  public InputDrift finish() {
    if (tokens == 0) {
      throw new MarlinException(
          ErrorCode.CALIBRATION_TOO_SHORT,
          where,
          "no calibration token reached this input, at least 1 is needed",
          "use a longer calibration text or more samples");
    }
    for (int i = 0; i < cols; i++) {
      for (int j = 0; j < cols; j++) {
        double c = totals.get(i, j) / tokens;
        if (!Double.isFinite(c)) {
          throw new MarlinException(
              ErrorCode.NUMERIC_FAILURE,
              where,
              "the drift (X-Xq)'Xq is not finite at columns %d and %d".formatted(i, j),
              "check that the source checkpoint gives finite logits on the calibration text"
                  + " (marlin eval), or use --drift none");
        }
        totals.put(i, j, c);
      }
    }
    arena.close();
    return new InputDrift(totals.release(), tokens);
  }

  /// Frees the totals unless [#finish] has passed them on.
  @Override
  public void close() {
    if (arena.scope().isAlive()) {
      arena.close();
    }
    totals.close();
  }
}
