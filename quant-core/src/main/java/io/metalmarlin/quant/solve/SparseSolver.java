package io.metalmarlin.quant.solve;

import io.metalmarlin.formats.scheme.GroupScheme;
import io.metalmarlin.formats.scheme.TensorScale;
import io.metalmarlin.quant.calibrate.InputStatistics;
import io.metalmarlin.quant.solve.SolveOptions.ColumnOrder;
import io.metalmarlin.quant.solve.SolveOptions.ScaleRule;
import io.metalmarlin.runtime.blas.Workers;
import org.jspecify.annotations.Nullable;

/// Prunes to 2:4 and quantizes in one go, whatever the method: with error feedback where the method
/// has it, else by rounding.
///
/// Four columns with two zeros or more keep their pattern and their zeros, so a checkpoint that is
/// already 2:4 stays what it is.
public final class SparseSolver {
  private SparseSolver() {}

  /// Ready to solve rows; safe for use by several threads at once.
  public interface Prepared extends AutoCloseable {
    /// Solves one tile of rows.
    ///
    /// @param tensorScale shared by the whole fused set
    /// @return errors against the weights as they came, pruned ones included
    TileError solve(SparseTile tile, TensorScale tensorScale);

    /// Everything unusual that happened while preparing: dead columns, damping retries.
    SolveEvents events();

    @Override
    void close();
  }

  /// The column work that all rows of all linears with one input share.
  ///
  /// @param solver only whether it feeds errors back counts here; its defaults are in `options`
  /// @param values the grid of the kept columns
  /// @param statistics of the linear's input; null only for a method and a rule that need none.
  ///   Stays valid until the result is closed
  /// @throws io.metalmarlin.formats.MarlinException `NOT_POSITIVE_DEFINITE` when damping retries
  ///   are used up
  public static Prepared prepare(
      Solver solver,
      PruneRule rule,
      GroupScheme values,
      int cols,
      @Nullable InputStatistics statistics,
      SolveOptions options,
      Workers workers) {
    if (options.order() == ColumnOrder.GAR || options.scales() == ScaleRule.REPLAY) {
      throw new IllegalArgumentException(
          "2:4 with " + options.order() + " and " + options.scales());
    }
    SparseGroups groups = SparseGroups.of(values, cols);
    if (statistics == null) {
      if (solver.needsStatistics() || rule.needsStatistics()) {
        throw new IllegalArgumentException(solver.name() + " with " + rule + " needs statistics");
      }
      return new SparseRounding(values, groups, options, GridKernels.of(values));
    }
    ColumnFactor factor = ColumnFactor.of(statistics, options, groups.orderUnit(), workers);
    return new SparseFeedback(
        values, groups, rule, statistics, options, GridKernels.of(values), factor);
  }
}
