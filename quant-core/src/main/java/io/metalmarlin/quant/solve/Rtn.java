package io.metalmarlin.quant.solve;

import io.metalmarlin.formats.scheme.GroupScheme;
import io.metalmarlin.quant.calibrate.InputStatistics;
import io.metalmarlin.quant.solve.SolveOptions.ColumnOrder;
import io.metalmarlin.quant.solve.SolveOptions.ScaleRule;
import io.metalmarlin.runtime.blas.Workers;
import org.jspecify.annotations.Nullable;

/// Round to nearest: every weight on its own. With absmax scales the codes are the producer's own
/// ([io.metalmarlin.formats.scheme.Profile#code]), bit for bit; with searched scales they are the
/// scheme's nearest.
public record Rtn() implements Solver {
  @Override
  public String name() {
    return "rtn";
  }

  @Override
  public boolean needsStatistics() {
    return false;
  }

  @Override
  public Defaults defaults() {
    return new Defaults(ScaleRule.MSE, 0, 0, ColumnOrder.NATURAL, 0, false);
  }

  @Override
  public Prepared prepare(
      GroupScheme scheme,
      int cols,
      @Nullable InputStatistics statistics,
      SolveOptions options,
      Workers workers) {
    return new Rounding(scheme, cols, statistics, options, GridKernels.of(scheme));
  }
}
