package io.metalmarlin.quant.solve;

import io.metalmarlin.formats.scheme.GroupScheme;
import io.metalmarlin.formats.scheme.TensorScale;
import java.util.stream.IntStream;

/// Round to nearest after pruning by magnitude: every group on its own.
record SparseRounding(
    GroupScheme values, SparseGroups groups, SolveOptions options, GridKernel kernel)
    implements SparseSolver.Prepared {
  @Override
  public TileError solve(SparseTile tile, TensorScale tensorScale) {
    GroupScales scales = GroupScales.of(values, kernel, options, tensorScale);
    int cols = groups.cols();
    // Positions from the last column down, as everywhere.
    int[] order = IntStream.range(0, cols).map(p -> cols - 1 - p).toArray();
    try (SparsePanel panel = new SparsePanel(values, groups, 1, 1)) {
      for (int from = 0; from < tile.rows(); from += Panel.ROWS) {
        int to = Math.min(from + Panel.ROWS, tile.rows());
        panel.load(tile.weights().asSlice((long) from * cols * Float.BYTES), to - from, order);
        StaticMasks.apply(panel, null, order);
        round(panel, scales, order);
        panel.store(tile.out(), from, to);
      }
    }
    return SparseErrors.of(tile, null);
  }

  private void round(SparsePanel panel, GroupScales scales, int[] order) {
    float[] column = new float[panel.stride()];
    for (int g = 0; g < groups.groups(); g++) {
      for (int c = g * groups.span(); c < (g + 1) * groups.span(); c++) {
        panel.weights(order[c], column, 0);
        panel.groupColumn(column, 0, c);
      }
      panel.chooseScale(scales, g);
      for (int c = g * groups.span(); c < (g + 1) * groups.span(); c++) {
        panel.weights(order[c], column, 0);
        panel.round(kernel, column, 0, c);
      }
    }
  }

  @Override
  public SolveEvents events() {
    return SolveEvents.NONE;
  }

  /// Nothing to free.
  @Override
  public void close() {}
}
