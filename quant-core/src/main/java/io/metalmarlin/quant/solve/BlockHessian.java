package io.metalmarlin.quant.solve;

import io.metalmarlin.quant.calibrate.ArrayMemory;
import io.metalmarlin.quant.calibrate.InputStatistics;
import io.metalmarlin.runtime.blas.OpenBlas;
import io.metalmarlin.runtime.blas.Workers;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/// The damped H of a [ColumnFactor] itself, by position, and the factors of its diagonal tiles:
/// what refinement needs, where all columns but a few stand still.
///
/// @param matrix `H_r`, fp32, `[d, d]`, row-major
/// @param runs one factor for each run of columns, the one at position 0 first
record BlockHessian(INDArray matrix, RunFactor[] runs) implements AutoCloseable {
  static BlockHessian of(
      InputStatistics statistics, ColumnFactor factor, int run, Workers workers) {
    int d = statistics.cols();
    int[] order = factor.order();
    MemorySegment h = ArrayMemory.of(statistics.hessian());
    INDArray matrix = ArrayMemory.zeros(DataType.FLOAT, d, d);
    MemorySegment to = ArrayMemory.of(matrix);
    workers.run(
        d,
        i -> {
          double[] stored = new double[d];
          double[] row = new double[d];
          long from = (long) order[i] * d * Double.BYTES;
          MemorySegment.copy(h, ValueLayout.JAVA_DOUBLE_UNALIGNED, from, stored, 0, d);
          for (int j = 0; j < d; j++) {
            row[j] = factor.dead()[i] || factor.dead()[j] ? 0 : stored[order[j]];
          }
          row[i] += factor.added()[i];
          Precision.SINGLE.write(row, d, to, (long) i * d);
        });
    RunFactor[] runs = new RunFactor[d / run];
    for (int r = 0; r < runs.length; r++) {
      runs[r] = RunFactor.ofMatrix(to, d, r * run, run);
    }
    return new BlockHessian(matrix, runs);
  }

  /// `target[first .. last) -= H[first .. last, from .. to) * changes`.
  ///
  /// @param target position `first` at its start, `n` floats a position
  /// @param changes position `from` at its start, `n` floats a position
  void subtract(
      MemorySegment target, int first, int last, MemorySegment changes, int from, int to, int n) {
    if (first == last) {
      return;
    }
    int d = (int) matrix.size(0);
    MemorySegment a = ArrayMemory.of(matrix).asSlice(((long) from * d + first) * Float.BYTES);
    OpenBlas.sgemm(true, false, last - first, n, to - from, -1, a, d, changes, n, 1, target, n);
  }

  @Override
  public void close() {
    matrix.close();
  }
}
