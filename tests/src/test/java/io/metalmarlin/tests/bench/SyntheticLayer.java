package io.metalmarlin.tests.bench;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import io.metalmarlin.formats.scheme.GroupScheme;
import io.metalmarlin.formats.scheme.QuantizedMatrix;
import io.metalmarlin.formats.scheme.TensorScale;
import io.metalmarlin.formats.scheme.nvfp4.CompressedTensorsNvfp4;
import io.metalmarlin.formats.tensor.DType;
import io.metalmarlin.quant.calibrate.HessianAccumulator;
import io.metalmarlin.quant.calibrate.InputStatistics;
import io.metalmarlin.quant.solve.RowTile;
import io.metalmarlin.quant.solve.SolveOptions;
import io.metalmarlin.quant.solve.Solver;
import io.metalmarlin.quant.solve.TensorScales;
import io.metalmarlin.quant.solve.TileError;
import io.metalmarlin.runtime.blas.OpenBlas;
import io.metalmarlin.runtime.blas.Workers;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;

/// A square layer with the habits of a language model's: correlated inputs with a few large
/// channels, Gaussian weights; NVFP4 as compressed-tensors writes it.
final class SyntheticLayer implements AutoCloseable {
  private static final int TILE_ROWS = 512;

  final int size;
  final InputStatistics statistics;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment weights;
  private final MemorySegment codes;
  private final MemorySegment scales;

  SyntheticLayer(int size, Workers workers) {
    this.size = size;
    SplittableRandom random = new SplittableRandom(1);
    weights = gaussian(arena, random, size, size, .03);
    codes = arena.allocate((long) size * size / 2);
    scales = arena.allocate((long) size * size / 16);
    int tokens = 2 * size;
    int rank = size / 8;
    try (Arena inputs = Arena.ofShared();
        HessianAccumulator accumulator = new HessianAccumulator("synthetic", size, workers)) {
      MemorySegment x = gaussian(inputs, random, tokens, size, .5);
      MemorySegment mix = gaussian(inputs, random, rank, size, 1);
      MemorySegment latent = gaussian(inputs, random, tokens, rank, 1 / Math.sqrt(rank));
      OpenBlas.sgemm(false, false, tokens, size, rank, 1, latent, rank, mix, size, 1, x, size);
      for (int c = 0; c < size; c++) {
        float channel = (float) Math.exp(.7 * random.nextGaussian());
        for (long t = 0; t < tokens; t++) {
          long i = t * size + c;
          x.setAtIndex(JAVA_FLOAT, i, channel * x.getAtIndex(JAVA_FLOAT, i));
        }
      }
      accumulator.add(x, tokens, size);
      statistics = accumulator.finish();
    }
  }

  /// Floating-point operations by the usual count: factorisation with inverse `2/3 d^3`, sweep `o
  /// d^2`.
  double flops() {
    return 5.0 / 3 * size * size * size;
  }

  /// Factorises and rounds the whole layer with a method's own defaults.
  TileError solve(Solver solver, Workers workers) {
    GroupScheme scheme = CompressedTensorsNvfp4.INSTANCE.scheme();
    Solver.Defaults d = solver.defaults();
    SolveOptions options =
        new SolveOptions(
            d.scales(),
            d.damping(),
            d.shrink(),
            d.order(),
            d.refine(),
            CompressedTensorsNvfp4.INSTANCE.profile(),
            DType.BF16);
    TensorScale tensorScale = TensorScales.of(scheme, .15f, options);
    QuantizedMatrix out = new QuantizedMatrix(scheme, size, size, codes, scales, tensorScale);
    TileError[] errors = new TileError[Math.ceilDiv(size, TILE_ROWS)];
    try (Solver.Prepared prepared = solver.prepare(scheme, size, statistics, options, workers)) {
      workers.run(
          errors.length,
          t -> {
            int from = t * TILE_ROWS;
            int to = Math.min(from + TILE_ROWS, size);
            MemorySegment rows =
                weights.asSlice(
                    (long) from * size * Float.BYTES, (long) (to - from) * size * Float.BYTES);
            errors[t] = prepared.solve(new RowTile(rows, out.rows(from, to)), tensorScale);
          });
    }
    TileError sum = TileError.ZERO;
    for (TileError e : errors) {
      sum = sum.plus(e);
    }
    return sum;
  }

  private static MemorySegment gaussian(
      Arena arena, SplittableRandom random, int rows, int cols, double deviation) {
    MemorySegment s = arena.allocate((long) rows * cols * Float.BYTES, 64);
    for (long i = 0; i < (long) rows * cols; i++) {
      s.setAtIndex(JAVA_FLOAT, i, (float) (deviation * random.nextGaussian()));
    }
    return s;
  }

  @Override
  public void close() {
    statistics.close();
    arena.close();
  }
}
