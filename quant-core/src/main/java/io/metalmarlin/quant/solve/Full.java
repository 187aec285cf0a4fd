package io.metalmarlin.quant.solve;

import io.metalmarlin.formats.scheme.GroupScheme;
import io.metalmarlin.quant.calibrate.InputStatistics;
import io.metalmarlin.quant.solve.SolveOptions.ColumnOrder;
import io.metalmarlin.quant.solve.SolveOptions.ScaleRule;
import io.metalmarlin.runtime.blas.Workers;
import org.jspecify.annotations.Nullable;

/// Error feedback with everything that lowers the loss at no cost at run time: groups in
/// group-aware order, each scale chosen by replaying its group, H damped in proportion to its
/// diagonal, and codes and scales refined afterwards.
public record Full() implements Solver {
  @Override
  public String name() {
    return "full";
  }

  @Override
  public boolean needsStatistics() {
    return true;
  }

  @Override
  public Defaults defaults() {
    return new Defaults(ScaleRule.REPLAY, 1e-6, .1, ColumnOrder.GAR, 4, true);
  }

  @Override
  public String drift() {
    return "auto";
  }

  @Override
  public boolean folds() {
    return true;
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
