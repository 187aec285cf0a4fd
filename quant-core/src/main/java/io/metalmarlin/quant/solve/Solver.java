package io.metalmarlin.quant.solve;

import io.metalmarlin.formats.scheme.GroupScheme;
import io.metalmarlin.formats.scheme.TensorScale;
import io.metalmarlin.quant.calibrate.InputStatistics;
import io.metalmarlin.runtime.blas.Workers;
import org.jspecify.annotations.Nullable;

/// Chooses codes for the rows of a matrix. Pure and deterministic: the same weights, statistics and
/// options give the same codes for any number of threads.
public interface Solver extends Method {
  /// The column work that all rows of all linears with one input share (order, damping, factor).
  ///
  /// @param statistics of the input the runner will feed, already in the transformed basis; null
  ///   only for solvers that need none
  /// @throws io.metalmarlin.formats.MarlinException `NOT_POSITIVE_DEFINITE` when damping retries
  ///   are used up; never a silent fall back
  Prepared prepare(
      GroupScheme scheme,
      int cols,
      @Nullable InputStatistics statistics,
      SolveOptions options,
      Workers workers);

  /// Ready to solve rows; safe for use by several threads at once.
  interface Prepared extends AutoCloseable {
    /// Solves one tile of rows.
    ///
    /// @param tile fp32 weights in, codes and scale codes out, both for the same rows
    /// @param tensorScale shared by the whole fused set
    TileError solve(RowTile tile, TensorScale tensorScale);

    /// Everything unusual that happened while preparing: dead columns, damping retries.
    SolveEvents events();

    @Override
    void close();
  }
}
