package io.metalmarlin.quant.solve;

import io.metalmarlin.quant.solve.GroupScales.Scratch;

/// All parameters worth trying for a group, each of them storable.
interface ScaleCandidates {
  /// How many there are for every row; the first are the likelier ones.
  int count();

  /// Writes all candidates of one group.
  ///
  /// @param group `columns x n` values, column by column
  /// @param out receives candidate k of row i at `k * n + i`
  void propose(float[] group, int columns, int n, Fits out, Scratch scratch);
}
