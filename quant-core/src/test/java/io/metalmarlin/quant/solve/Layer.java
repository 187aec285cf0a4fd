package io.metalmarlin.quant.solve;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static org.assertj.core.api.Assertions.assertThat;

import io.metalmarlin.formats.scheme.GroupScheme;
import io.metalmarlin.formats.scheme.IntScheme;
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
record Layer(float[][] weights, double[][] hessian, long tokens, GroupScheme scheme) {
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
    return new Layer(w, h, tokens, GRID);
  }

  int cols() {
    return hessian.length;
  }

  Layer withHessian(double[][] h) {
    return new Layer(weights, h, tokens, scheme);
  }

  Layer withWeights(float[][] w) {
    return new Layer(w, hessian, tokens, scheme);
  }

  /// The same layer for another grid, which the solve options' profile must be made for.
  Layer withScheme(GroupScheme other) {
    return new Layer(weights, hessian, tokens, other);
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

  /// Replay in group-aware order with shrinking.
  static SolveOptions replay(GroupScheme scheme) {
    return replay(scheme, 0);
  }

  /// The same with refinement.
  static SolveOptions replay(GroupScheme scheme, int refine) {
    return new SolveOptions(
        ScaleRule.REPLAY,
        1e-6,
        .1,
        ColumnOrder.GAR,
        refine,
        scheme instanceof IntScheme integers ? new TestIntProfile(integers) : GRID,
        DType.BF16);
  }

  static SolveOptions options(ScaleRule scales, double damping, ColumnOrder order) {
    return new SolveOptions(scales, damping, order, GRID, DType.BF16);
  }

  /// The options with the plain rules of `scheme`, a grid of integers.
  static SolveOptions options(
      IntScheme scheme, ScaleRule scales, double damping, ColumnOrder order) {
    return new SolveOptions(scales, damping, order, new TestIntProfile(scheme), DType.BF16);
  }

  TensorScale tensorScale(SolveOptions options) {
    float[] all = flat();
    return TensorScales.of(
        scheme, TensorScales.absMax(MemorySegment.ofArray(all), all.length), options);
  }

  /// What a solver made of the layer: codes, scale codes and zeros (points or bits of biases) by
  /// row, decoded weights, reported errors.
  record Result(
      int[][] codes,
      int[][] scales,
      int[][] zeros,
      double[][] decoded,
      TileError error,
      SolveEvents events) {}

  /// Tiles of 64 rows on one thread and on two give the same result.
  void requireTheSameForAnyThreads(Solver solver, SolveOptions options) {
    try (Workers one = new Workers(1);
        Workers two = new Workers(2)) {
      Result a = solve(solver, options, one, 64);
      Result b = solve(solver, options, two, 64);
      assertThat(b.codes()).isDeepEqualTo(a.codes());
      assertThat(b.scales()).isDeepEqualTo(a.scales());
      assertThat(b.zeros()).isDeepEqualTo(a.zeros());
      assertThat(b.error()).isEqualTo(a.error());
    }
  }

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
                scheme, cols(), solver.needsStatistics() ? statistics : null, options, workers)) {
      return solve(prepared, options, workers, tileRows);
    }
  }

  Result solve(Solver.Prepared prepared, SolveOptions options, Workers workers, int tileRows) {
    int rows = weights.length;
    int cols = cols();
    TensorScale tensorScale = tensorScale(options);
    QuantizedMatrix out =
        new QuantizedMatrix(
            scheme,
            rows,
            cols,
            heap(QuantizedMatrix.codeBytes(scheme, rows, cols)),
            heap(QuantizedMatrix.scaleBytes(scheme, rows, cols)),
            tensorScale,
            scheme.zero() == GroupScheme.Zero.NONE
                ? null
                : heap(QuantizedMatrix.zeroBytes(scheme, rows, cols)),
            null);
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

  private static MemorySegment heap(long bytes) {
    return MemorySegment.ofArray(new byte[Math.toIntExact(bytes)]);
  }

  private static Result read(QuantizedMatrix out, TileError error, SolveEvents events) {
    GroupScheme scheme = out.scheme();
    int[][] codes = new int[out.rows()][out.cols()];
    int[][] scales = new int[out.rows()][out.groups()];
    int[][] zeros = new int[out.rows()][out.groups()];
    double[][] decoded = new double[out.rows()][out.cols()];
    for (int r = 0; r < out.rows(); r++) {
      for (int g = 0; g < out.groups(); g++) {
        scales[r][g] = out.scaleCode(r, g);
        zeros[r][g] =
            switch (scheme.zero()) {
              case NONE -> 0;
              case POINT -> out.zeroPoint(r, g);
              case BIAS -> out.biasCode(r, g);
            };
      }
      for (int c = 0; c < out.cols(); c++) {
        int g = out.group(c);
        codes[r][c] = out.code(r, c);
        double scale = out.tensorScale().effective(scheme.scaleValue(scales[r][g]));
        double value = scheme.value(codes[r][c]);
        decoded[r][c] =
            switch (scheme.zero()) {
              case NONE -> scale * value;
              case POINT -> scale * (value - zeros[r][g]);
              case BIAS -> scale * value + scheme.scaleValue(zeros[r][g]);
            };
      }
    }
    return new Result(codes, scales, zeros, decoded, error, events);
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

  /// H with `damping * mean(diag) I + shrink * diag(H)` added.
  double[][] damped(SolveOptions options) {
    double mean = 0;
    for (int c = 0; c < cols(); c++) {
      mean += hessian[c][c] / cols();
    }
    double[][] h = new double[cols()][];
    for (int c = 0; c < cols(); c++) {
      h[c] = hessian[c].clone();
      h[c][c] += options.damping() * mean + options.shrink() * h[c][c];
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
