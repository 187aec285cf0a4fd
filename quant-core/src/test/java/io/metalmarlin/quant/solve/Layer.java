package io.metalmarlin.quant.solve;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;

import io.metalmarlin.formats.scheme.QuantizedMatrix;
import io.metalmarlin.formats.scheme.TensorScale;
import io.metalmarlin.formats.tensor.DType;
import io.metalmarlin.quant.calibrate.ArrayMemory;
import io.metalmarlin.quant.calibrate.InputStatistics;
import io.metalmarlin.quant.solve.SolveOptions.ColumnOrder;
import io.metalmarlin.quant.solve.SolveOptions.ScaleRule;
import io.metalmarlin.runtime.blas.Workers;
import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/// A seeded layer: Gaussian weights, inputs with correlated channels and a few large ones.
record Layer(float[][] weights, double[][] hessian, long tokens) {
  static final TestGrid GRID = new TestGrid();

  static Layer of(long seed, int rows, int cols, int tokens) {
    SplittableRandom random = new SplittableRandom(seed);
    double[] size = new double[cols];
    for (int c = 0; c < cols; c++) {
      size[c] = Math.exp(.7 * random.nextGaussian());
    }
    double[][] mix = gaussian(random, Math.max(2, cols / 4), cols);
    double[][] h = new double[cols][cols];
    for (int t = 0; t < tokens; t++) {
      double[] x = new double[cols];
      for (double[] direction : mix) {
        double g = random.nextGaussian() / Math.sqrt(mix.length);
        for (int c = 0; c < cols; c++) {
          x[c] += g * direction[c];
        }
      }
      for (int c = 0; c < cols; c++) {
        x[c] = size[c] * (x[c] + .5 * random.nextGaussian());
      }
      for (int i = 0; i < cols; i++) {
        for (int j = 0; j < cols; j++) {
          h[i][j] += x[i] * x[j] / tokens;
        }
      }
    }
    float[][] w = new float[rows][cols];
    for (float[] row : w) {
      for (int c = 0; c < cols; c++) {
        row[c] = (float) (.03 * random.nextGaussian());
      }
    }
    return new Layer(w, h, tokens);
  }

  int cols() {
    return hessian.length;
  }

  Layer withHessian(double[][] h) {
    return new Layer(weights, h, tokens);
  }

  Layer withWeights(float[][] w) {
    return new Layer(w, hessian, tokens);
  }

  InputStatistics statistics() {
    INDArray h = ArrayMemory.zeros(DataType.DOUBLE, cols(), cols());
    MemorySegment m = ArrayMemory.of(h);
    for (int i = 0; i < cols(); i++) {
      MemorySegment.copy(hessian[i], 0, m, JAVA_DOUBLE, (long) i * cols() * Double.BYTES, cols());
    }
    return new InputStatistics(h, tokens, 1);
  }

  float[] flat() {
    float[] all = new float[weights.length * cols()];
    for (int r = 0; r < weights.length; r++) {
      System.arraycopy(weights[r], 0, all, r * cols(), cols());
    }
    return all;
  }

  static SolveOptions options(ScaleRule scales, double damping, ColumnOrder order) {
    return new SolveOptions(scales, damping, order, GRID, DType.BF16);
  }

  TensorScale tensorScale(SolveOptions options) {
    float[] all = flat();
    return TensorScales.of(
        GRID, TensorScales.absMax(MemorySegment.ofArray(all), all.length), options);
  }

  /// What a solver made of the layer: codes and scale codes by row, decoded weights, reported
  /// errors.
  record Result(
      int[][] codes, int[][] scales, double[][] decoded, TileError error, SolveEvents events) {}

  Result solve(Solver solver, SolveOptions options) {
    try (Workers workers = new Workers(1)) {
      return solve(solver, options, workers, weights.length);
    }
  }

  /// @param tileRows rows of one tile; tiles are shared among the workers
  Result solve(Solver solver, SolveOptions options, Workers workers, int tileRows) {
    try (InputStatistics statistics = statistics();
        Solver.Prepared prepared =
            solver.prepare(
                GRID, cols(), solver.needsStatistics() ? statistics : null, options, workers)) {
      return solve(prepared, options, workers, tileRows);
    }
  }

  Result solve(Solver.Prepared prepared, SolveOptions options, Workers workers, int tileRows) {
    int rows = weights.length;
    int cols = cols();
    TensorScale tensorScale = tensorScale(options);
    QuantizedMatrix out =
        new QuantizedMatrix(
            GRID,
            rows,
            cols,
            MemorySegment.ofArray(new byte[rows * Math.ceilDiv(cols, 2)]),
            MemorySegment.ofArray(new byte[rows * Math.ceilDiv(cols, 16)]),
            tensorScale);
    MemorySegment w = MemorySegment.ofArray(flat());
    TileError[] errors = new TileError[Math.ceilDiv(rows, tileRows)];
    workers.run(
        errors.length,
        t -> {
          int from = t * tileRows;
          int to = Math.min(from + tileRows, rows);
          MemorySegment part =
              w.asSlice((long) from * cols * Float.BYTES, (long) (to - from) * cols * Float.BYTES);
          errors[t] = prepared.solve(new RowTile(part, out.rows(from, to)), tensorScale);
        });
    TileError sum = TileError.ZERO;
    for (TileError e : errors) {
      sum = sum.plus(e);
    }
    return read(out, sum, prepared.events());
  }

  private static Result read(QuantizedMatrix out, TileError error, SolveEvents events) {
    int[][] codes = new int[out.rows()][out.cols()];
    int[][] scales = new int[out.rows()][out.groups()];
    double[][] decoded = new double[out.rows()][out.cols()];
    for (int r = 0; r < out.rows(); r++) {
      for (int g = 0; g < out.groups(); g++) {
        scales[r][g] = out.scaleCode(r, g);
      }
      for (int c = 0; c < out.cols(); c++) {
        int pair = out.codes().get(JAVA_BYTE, (long) r * out.codeStride() + c / 2) & 0xff;
        codes[r][c] = c % 2 == 0 ? pair & 15 : pair >> 4;
        decoded[r][c] =
            (double) out.tensorScale().effective(GRID.scaleValue(scales[r][c / 16]))
                * GRID.value(codes[r][c]);
      }
    }
    return new Result(codes, scales, decoded, error, events);
  }

  /// `tr((decoded - W) M (decoded - W)')` by its definition.
  double loss(double[][] decoded, double[][] m) {
    double sum = 0;
    for (int r = 0; r < decoded.length; r++) {
      double[] d = new double[cols()];
      for (int c = 0; c < cols(); c++) {
        d[c] = decoded[r][c] - weights[r][c];
      }
      for (int i = 0; i < cols(); i++) {
        for (int j = 0; j < cols(); j++) {
          sum += d[i] * m[i][j] * d[j];
        }
      }
    }
    return sum;
  }

  /// H with `damping * mean(diag)` on its diagonal.
  double[][] damped(double damping) {
    double mean = 0;
    for (int c = 0; c < cols(); c++) {
      mean += hessian[c][c] / cols();
    }
    double[][] h = new double[cols()][];
    for (int c = 0; c < cols(); c++) {
      h[c] = hessian[c].clone();
      h[c][c] += damping * mean;
    }
    return h;
  }

  private static double[][] gaussian(SplittableRandom random, int rows, int cols) {
    double[][] m = new double[rows][cols];
    for (double[] row : m) {
      for (int c = 0; c < cols; c++) {
        row[c] = random.nextGaussian();
      }
    }
    return m;
  }
}
