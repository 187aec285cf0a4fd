package io.metalmarlin.quant.solve;

import static org.assertj.core.api.Assertions.assertThat;

import io.metalmarlin.formats.scheme.QuantizedMatrix;
import io.metalmarlin.formats.scheme.ScaleType;
import io.metalmarlin.formats.scheme.TensorScale;
import io.metalmarlin.formats.scheme.TrellisMatrix;
import io.metalmarlin.formats.scheme.TrellisScheme;
import io.metalmarlin.formats.scheme.trellis.TrellisPacking;
import io.metalmarlin.formats.tensor.DType;
import io.metalmarlin.quant.solve.SolveOptions.ColumnOrder;
import io.metalmarlin.quant.solve.SolveOptions.ScaleRule;
import io.metalmarlin.runtime.blas.Workers;
import java.lang.foreign.MemorySegment;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Error feedback along a trellis: what is stored against what is reported, and refinement.
class TrellisSolveTest {
  private static final int ROWS = 64;
  private static final int COLS = 128;

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 4})
  void whatIsStoredHasTheReportedErrorAndRefinementLowersIt(int bits) {
    Layer layer = Layer.of(bits, ROWS, COLS, 400);
    double plain = solve(layer, bits, 0);
    double refined = solve(layer, bits, 2);
    assertThat(refined).isLessThan(plain);
  }

  private static double solve(Layer layer, int bits, int refine) {
    TrellisScheme scheme = new TrellisScheme(bits, 32, ScaleType.F16);
    QuantizedMatrix symbols =
        new QuantizedMatrix(
            scheme.symbols(),
            ROWS,
            COLS,
            MemorySegment.ofArray(new byte[ROWS * COLS * bits / 8]),
            MemorySegment.ofArray(new byte[ROWS * COLS / 32 * 2]),
            TensorScale.NONE);
    SolveOptions options =
        new SolveOptions(
            ScaleRule.SPREAD,
            .01,
            0,
            ColumnOrder.GAR,
            refine,
            new TrellisPacking(scheme).profile(),
            DType.F16);
    float[] w = layer.flat();
    TileError error;
    try (Workers workers = new Workers(1);
        Solver.Prepared prepared =
            TrellisSolver.prepare(scheme, layer.statistics(), options, workers)) {
      error =
          prepared.solve(new RowTile(MemorySegment.ofArray(w.clone()), symbols), TensorScale.NONE);
    }
    float[] decoded = new float[w.length];
    new TrellisMatrix(scheme, symbols).decode(0, ROWS, decoded);
    double squared = 0;
    double loss = 0;
    for (int r = 0; r < ROWS; r++) {
      for (int i = 0; i < COLS; i++) {
        double d = (double) decoded[r * COLS + i] - w[r * COLS + i];
        squared += d * d;
        for (int j = 0; j < COLS; j++) {
          double e = (double) decoded[r * COLS + j] - w[r * COLS + j];
          loss += d * layer.hessian()[i][j] * e;
        }
      }
    }
    assertThat(error.squared()).isCloseTo(squared, Percentage.withPercentage(.1));
    assertThat(error.hessian()).isCloseTo(loss, Percentage.withPercentage(.2));
    return loss;
  }
}
