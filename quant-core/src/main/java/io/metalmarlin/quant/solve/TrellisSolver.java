package io.metalmarlin.quant.solve;

import io.metalmarlin.formats.scheme.TrellisScheme;
import io.metalmarlin.quant.calibrate.InputStatistics;
import io.metalmarlin.quant.solve.SolveOptions.ScaleRule;
import io.metalmarlin.runtime.blas.Workers;

/// Error feedback with whole columns rounded along a trellis: since its paths run down the rows,
/// and rows do not feed errors to each other, every column still corrects those before it exactly.
public final class TrellisSolver {
  private TrellisSolver() {}

  /// The column work that all rows of all linears with one input share. The tiles of rows to solve
  /// are those of the scheme.
  ///
  /// @throws io.metalmarlin.formats.MarlinException `NOT_POSITIVE_DEFINITE` when damping retries
  ///   are used up
  public static Solver.Prepared prepare(
      TrellisScheme scheme, InputStatistics statistics, SolveOptions options, Workers workers) {
    if (options.scales() != ScaleRule.SPREAD) {
      throw new IllegalArgumentException(scheme.name() + " with scales by " + options.scales());
    }
    return ErrorFeedback.of(
        scheme.symbols(), options, new TrellisGrid(scheme), statistics, workers);
  }
}
