package io.metalmarlin.quant.solve;

import io.metalmarlin.quant.solve.SolveOptions.ColumnOrder;
import io.metalmarlin.quant.solve.SolveOptions.ScaleRule;

/// The importance matrix of llama.cpp, for its block types only: every weight is rounded on its
/// own, and the search for a block's scales weighs errors with the mean square of their columns'
/// inputs, which is the diagonal of H. [BlockRows] does it.
public record Imatrix() implements Method {
  @Override
  public String name() {
    return "imatrix";
  }

  @Override
  public boolean needsStatistics() {
    return true;
  }

  @Override
  public Defaults defaults() {
    return new Defaults(ScaleRule.MSE, 0, 0, ColumnOrder.NATURAL, 0, false);
  }
}
