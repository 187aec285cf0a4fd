package io.metalmarlin.quant.solve;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.quant.calibrate.ArrayMemory;
import io.metalmarlin.quant.calibrate.InputDrift;
import io.metalmarlin.quant.calibrate.InputStatistics;
import io.metalmarlin.runtime.blas.OpenBlas;
import io.metalmarlin.runtime.blas.OpenBlas.Side;
import io.metalmarlin.runtime.blas.OpenBlas.Triangle;
import io.metalmarlin.runtime.blas.Workers;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/// What solvers of any kind are to come close to instead of W, so that the linears of an input make
/// up for what the quantized prefix has done to it: `W + share W cross inv(H_r)`, with the damped
/// `H_r = H + .02 diag(H)`.
///
/// With all of it (share 1) and no damping these are the weights whose outputs on the moved input
/// have the smallest squared distance from the source's outputs on the true one.
///
/// @param correction `cross inv(H_r)`, fp32, `[cols, cols]`, row-major, owned by this record
public record DriftTarget(INDArray correction, double share) implements AutoCloseable {
  private static final double DAMPING = .02;
  private static final int ROWS = 64;

  /// @param statistics of the moved input; stays valid
  /// @param drift of the same input; its memory is worked in, and it is closed
  /// @throws MarlinException `NOT_POSITIVE_DEFINITE` if H has no factor even so
  public static DriftTarget of(
      InputStatistics statistics, InputDrift drift, double share, Workers workers) {
    return of(statistics, drift, share, DAMPING, workers);
  }

  /// @param damping relative to each diagonal entry of H, so that it does not matter how channels
  ///   are scaled
  static DriftTarget of(
      InputStatistics statistics, InputDrift drift, double share, double damping, Workers workers) {
    int d = statistics.cols();
    try (drift) {
      MemorySegment cross = ArrayMemory.of(drift.cross());
      try (INDArray factor = ArrayMemory.zeros(DataType.DOUBLE, d, d)) {
        MemorySegment l = ArrayMemory.of(factor);
        damp(ArrayMemory.of(statistics.hessian()), l, d, damping, workers);
        if (Cholesky.factor(Precision.DOUBLE, l, d, workers) != 0) {
          throw new MarlinException(
              ErrorCode.NOT_POSITIVE_DEFINITE,
              "Hessian of an input of width " + d,
              "the matrix is not positive definite with damping " + damping,
              "use more calibration samples or --drift none");
        }
        workers.run(
            Math.ceilDiv(d, ROWS),
            tile -> {
              int rows = Math.min(ROWS, d - tile * ROWS);
              MemorySegment b = cross.asSlice((long) tile * ROWS * d * Double.BYTES);
              OpenBlas.dtrsm(Side.RIGHT, Triangle.LOWER, true, rows, d, l, d, b, d);
              OpenBlas.dtrsm(Side.RIGHT, Triangle.LOWER, false, rows, d, l, d, b, d);
            });
      }
      INDArray correction = ArrayMemory.zeros(DataType.FLOAT, d, d);
      MemorySegment target = ArrayMemory.of(correction);
      for (long i = 0; i < (long) d * d; i++) {
        target.setAtIndex(
            JAVA_FLOAT_UNALIGNED, i, (float) cross.getAtIndex(JAVA_DOUBLE_UNALIGNED, i));
      }
      return new DriftTarget(correction, share);
    }
  }

  /// The lower triangle of H with damping on the diagonal. A column that was never active has 1
  /// there.
  private static void damp(
      MemorySegment h, MemorySegment l, int d, double damping, Workers workers) {
    workers.run(
        d,
        row -> {
          long at = (long) row * d * Double.BYTES;
          MemorySegment.copy(h, at, l, at, (row + 1L) * Double.BYTES);
          long diagonal = (long) row * d + row;
          double own = h.getAtIndex(JAVA_DOUBLE_UNALIGNED, diagonal);
          l.setAtIndex(JAVA_DOUBLE_UNALIGNED, diagonal, own > 0 ? (1 + damping) * own : 1);
        });
  }

  /// The same correction, another part of it; of the two one is to be closed.
  public DriftTarget withShare(double other) {
    return new DriftTarget(correction, other);
  }

  /// Makes the correction that of more tokens: `(1 - part)` of this one and `part` of another, made
  /// with the same H from the others.
  public void mix(DriftTarget other, double part) {
    MemorySegment to = ArrayMemory.of(correction);
    MemorySegment from = ArrayMemory.of(other.correction);
    long n = (long) cols() * cols();
    for (long i = 0; i < n; i++) {
      double mixed =
          (1 - part) * to.getAtIndex(JAVA_FLOAT_UNALIGNED, i)
              + part * from.getAtIndex(JAVA_FLOAT_UNALIGNED, i);
      to.setAtIndex(JAVA_FLOAT_UNALIGNED, i, (float) mixed);
    }
  }

  int cols() {
    return (int) correction.size(0);
  }

  /// Moves rows of W, in the basis in which the input was collected.
  ///
  /// @param weights `[rows, cols]` fp32, native memory; changed in place
  public void applyToRows(MemorySegment weights, int rows) {
    int d = cols();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment w = arena.allocate((long) rows * d * Float.BYTES, 64);
      w.copyFrom(weights.asSlice(0, w.byteSize()));
      MemorySegment m = ArrayMemory.of(correction);
      OpenBlas.sgemm(false, false, rows, d, d, (float) share, w, d, m, d, 1, weights, d);
    }
  }

  @Override
  public void close() {
    correction.close();
  }
}
