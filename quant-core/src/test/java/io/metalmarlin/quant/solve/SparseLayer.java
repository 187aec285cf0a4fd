package io.metalmarlin.quant.solve;

import io.metalmarlin.formats.scheme.GroupScheme;
import io.metalmarlin.formats.scheme.QuantizedMatrix;
import io.metalmarlin.formats.scheme.Sparse24Matrix;
import io.metalmarlin.formats.scheme.TensorScale;
import io.metalmarlin.formats.scheme.sparse24.Sparse24Packing;
import io.metalmarlin.formats.tensor.DType;
import io.metalmarlin.quant.calibrate.InputStatistics;
import io.metalmarlin.quant.solve.SolveOptions.ColumnOrder;
import io.metalmarlin.quant.solve.SolveOptions.ScaleRule;
import io.metalmarlin.runtime.blas.Workers;
import java.lang.foreign.MemorySegment;

/// Runs the 2:4 solvers over a [Layer].
record SparseLayer(Layer layer, GroupScheme values) {
  SolveOptions options(ScaleRule scales, double damping, ColumnOrder order) {
    return new SolveOptions(
        scales, damping, order, new Sparse24Packing(values).profile(), DType.BF16);
  }

  /// @param decoded `rows x cols`
  record Result(Sparse24Matrix matrix, double[][] decoded, TileError error) {
    boolean keeps(int row, int col) {
      int pattern = matrix.pattern(row, col / 4);
      return Sparse24Matrix.first(pattern) == col % 4 || Sparse24Matrix.second(pattern) == col % 4;
    }

    /// The code at a kept place.
    int code(int row, int col) {
      int pattern = matrix.pattern(row, col / 4);
      int slot = Sparse24Matrix.first(pattern) == col % 4 ? 0 : 1;
      return matrix.values().code(row, col / 4 * 2 + slot);
    }

    double scale(int row, int col) {
      QuantizedMatrix v = matrix.values();
      return v.tensorScale().effective(v.scheme().scaleValue(v.scaleCode(row, v.group(col / 2))));
    }
  }

  Result solve(Solver solver, PruneRule rule, SolveOptions options) {
    try (Workers one = new Workers(1)) {
      return solve(solver, rule, options, one, layer.weights().length);
    }
  }

  Result solve(Solver solver, PruneRule rule, SolveOptions options, Workers workers, int tileRows) {
    int rows = layer.weights().length;
    int cols = layer.cols();
    float[] flat = layer.flat();
    TensorScale tensorScale =
        TensorScales.of(
            values, TensorScales.absMax(MemorySegment.ofArray(flat), flat.length), options);
    Sparse24Matrix out =
        new Sparse24Matrix(
            new QuantizedMatrix(
                values,
                rows,
                cols / 2,
                heap(QuantizedMatrix.codeBytes(values, rows, cols / 2)),
                heap(QuantizedMatrix.scaleBytes(values, rows, cols / 2)),
                tensorScale),
            heap((long) rows * Sparse24Matrix.stride(cols)));
    TileError[] errors = new TileError[Math.ceilDiv(rows, tileRows)];
    try (InputStatistics statistics = layer.statistics();
        SparseSolver.Prepared prepared =
            SparseSolver.prepare(
                solver,
                rule,
                values,
                cols,
                solver.needsStatistics() ? statistics : null,
                options,
                workers)) {
      MemorySegment w = MemorySegment.ofArray(flat);
      workers.run(
          errors.length,
          t -> {
            int from = t * tileRows;
            int to = Math.min(from + tileRows, rows);
            MemorySegment part = w.asSlice(4L * from * cols, 4L * (to - from) * cols);
            errors[t] = prepared.solve(new SparseTile(part, out.rows(from, to)), tensorScale);
          });
    }
    float[] all = new float[rows * cols];
    out.decode(0, rows, all);
    double[][] decoded = new double[rows][cols];
    for (int i = 0; i < all.length; i++) {
      decoded[i / cols][i % cols] = all[i];
    }
    TileError sum = TileError.ZERO;
    for (TileError e : errors) {
      sum = sum.plus(e);
    }
    return new Result(out, decoded, sum);
  }

  private static MemorySegment heap(long bytes) {
    return MemorySegment.ofArray(new byte[(int) bytes]);
  }
}
