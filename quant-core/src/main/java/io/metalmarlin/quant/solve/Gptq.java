package io.metalmarlin.quant.solve;

import io.metalmarlin.formats.scheme.GroupScheme;
import io.metalmarlin.quant.calibrate.InputStatistics;
import io.metalmarlin.quant.solve.SolveOptions.ColumnOrder;
import io.metalmarlin.quant.solve.SolveOptions.ScaleRule;
import io.metalmarlin.runtime.blas.Workers;
import org.jspecify.annotations.Nullable;

/// GPTQ as the field means it: absmax scales, natural column order, damping of 0.01 of the mean
/// diagonal (arXiv 2210.17323).
public record Gptq() implements Solver {
  @Override
  public String name() {
    return "gptq";
  }

  @Override
  public boolean needsStatistics() {
    return true;
  }

  @Override
  public Defaults defaults() {
    return new Defaults(ScaleRule.ABSMAX, .01, 0, ColumnOrder.NATURAL, 0, false);
  }

  @Override
  public Prepared prepare(
      GroupScheme scheme,
      int cols,
      @Nullable InputStatistics statistics,
      SolveOptions options,
      Workers workers) {
    return feedback(name(), scheme, cols, statistics, options, workers);
  }

  /// The loop that the feedback methods share; they differ in their defaults only.
  static Prepared feedback(
      String name,
      GroupScheme scheme,
      int cols,
      @Nullable InputStatistics statistics,
      SolveOptions options,
      Workers workers) {
    if (statistics == null || statistics.cols() != cols) {
      throw new IllegalArgumentException(
          "%s needs statistics of width %d, got %s"
              .formatted(name, cols, statistics == null ? "none" : "width " + statistics.cols()));
    }
    return ErrorFeedback.of(scheme, options, GridKernels.of(scheme), statistics, workers);
  }
}
