package io.metalmarlin.quant.solve;

import io.metalmarlin.formats.scheme.GroupScheme;
import io.metalmarlin.quant.calibrate.InputStatistics;
import io.metalmarlin.quant.solve.SolveOptions.ColumnOrder;
import io.metalmarlin.quant.solve.SolveOptions.ScaleRule;
import io.metalmarlin.runtime.blas.Workers;
import org.jspecify.annotations.Nullable;

/// Micro-rotated GPTQ (arXiv 2509.23202): block Hadamard where the target can run it, scales with
/// the smallest squared error, columns in static activation order. Unlike the paper, scales are
/// searched on the rounded E4M3 grid.
public record MrGptq() implements Solver {
  @Override
  public String name() {
    return "mr-gptq";
  }

  @Override
  public boolean needsStatistics() {
    return true;
  }

  @Override
  public Defaults defaults() {
    return new Defaults(ScaleRule.MSE, .05, 0, ColumnOrder.ACT, 0, true);
  }

  @Override
  public Prepared prepare(
      GroupScheme scheme,
      int cols,
      @Nullable InputStatistics statistics,
      SolveOptions options,
      Workers workers) {
    return Gptq.feedback(name(), scheme, cols, statistics, options, workers);
  }
}
