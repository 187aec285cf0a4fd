package io.metalmarlin.quant.solve;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import io.metalmarlin.formats.scheme.GroupScheme;
import io.metalmarlin.formats.scheme.Profile;
import io.metalmarlin.formats.scheme.QuantizedMatrix;
import io.metalmarlin.formats.scheme.TensorScale;
import io.metalmarlin.quant.calibrate.InputStatistics;
import io.metalmarlin.quant.solve.SolveOptions.ScaleRule;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// The row loop of [Rtn].
record Rounding(
    GroupScheme scheme,
    int cols,
    @Nullable InputStatistics statistics,
    SolveOptions options,
    GridKernel kernel)
    implements Solver.Prepared {
  /// Rows in work at once.
  private static final int ROWS = 64;

  @Override
  public TileError solve(RowTile tile, TensorScale tensorScale) {
    GroupScales rule = GroupScales.of(scheme, kernel, options, tensorScale);
    float[] decoded = new float[ROWS * cols];
    float[] weights = new float[ROWS * cols];
    TileError sum = TileError.ZERO;
    for (int from = 0; from < tile.rows(); from += ROWS) {
      int rows = Math.min(ROWS, tile.rows() - from);
      MemorySegment.copy(
          tile.weights(),
          JAVA_FLOAT_UNALIGNED,
          (long) from * cols * Float.BYTES,
          weights,
          0,
          rows * cols);
      round(weights, from, rows, tile.out(), rule, decoded);
      sum = sum.plus(TileError.of(decoded, weights, rows, cols, statistics));
    }
    return sum;
  }

  private void round(
      float[] weights, int from, int rows, QuantizedMatrix out, GroupScales rule, float[] decoded) {
    int n = Math.ceilDiv(rows, GridKernel.LANES) * GridKernel.LANES;
    int size = out.groupSize();
    float[] group = new float[size * n];
    Fits fits = new Fits(out.groups() * n);
    byte[] codes = new byte[cols * n];
    float[] q = new float[n];
    int[] code = new int[n];
    GroupScales.Scratch scratch = new GroupScales.Scratch(n);
    for (int g = 0; g < out.groups(); g++) {
      int columns = Math.min(size, cols - g * size);
      for (int c = 0; c < columns; c++) {
        for (int i = 0; i < rows; i++) {
          group[c * n + i] = weights[i * cols + g * size + c];
        }
      }
      if (scheme.groupRows() > 1) {
        rule.given(out, from, rows, g, fits, g * n);
      } else {
        rule.choose(group, columns, n, fits, g * n, scratch);
      }
      for (int c = 0; c < columns; c++) {
        int column = g * size + c;
        if (options.scales() == ScaleRule.ABSMAX) {
          asProducer(group, c * n, fits, g * n, rows, out, q, code);
        } else {
          kernel.round(group, c * n, fits.scales, fits.zeros, g * n, n, q, code);
        }
        for (int i = 0; i < rows; i++) {
          codes[column * n + i] = (byte) code[i];
          decoded[i * cols + column] = q[i];
        }
      }
    }
    CodeWriter.codes(codes, n, out, from, from + rows);
    CodeWriter.fits(fits, n, out, from, from + rows);
  }

  /// One column with the producer's own codes.
  private void asProducer(
      float[] group,
      int at,
      Fits fits,
      int first,
      int rows,
      QuantizedMatrix out,
      float[] q,
      int[] code) {
    for (int i = 0; i < rows; i++) {
      Profile.Fit fit = fits.fit(first + i);
      code[i] = options.profile().code(group[at + i], fit, out.tensorScale());
      float value = scheme.value(code[i]);
      float scale = out.tensorScale().effective(scheme.scaleValue(fit.scale()));
      float zero = fits.zeros[first + i];
      q[i] =
          switch (scheme.zero()) {
            case NONE -> value * scale;
            case POINT -> (value - zero) * scale;
            case BIAS -> value * scale + zero;
          };
    }
  }

  @Override
  public SolveEvents events() {
    return SolveEvents.NONE;
  }

  /// Nothing to free: the statistics belong to the caller.
  @Override
  public void close() {}
}
