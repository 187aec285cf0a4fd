package io.metalmarlin.quant.solve;

/// How two of four consecutive columns are chosen for 2:4 sparsity, row by row.
public enum PruneRule {
  /// The pair whose loss, after all later columns have made up for it, is smallest when the quad is
  /// reached (SparseGPT, arXiv 2301.00774, with the exact loss of the pair).
  SPARSEGPT,
  /// The smallest `|w| sqrt(H_jj)`; the others do not move (arXiv 2306.11695).
  WANDA,
  /// The smallest `|w|`; the others do not move.
  MAGNITUDE;

  /// Whether it looks at the calibration Hessian.
  public boolean needsStatistics() {
    return this != MAGNITUDE;
  }
}
