package io.metalmarlin.quant.solve;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/// Rounds run after run again while all other columns stand still, and keeps what lowers the loss:
/// `tr((Q - W) H_r (Q - W)')` never rises.
///
/// With `B = (W - Q) H_r`, the values that would be best for a run are `Q + B inv(H_gg)`, and what
/// rounding them costs is measured with the run's own tile of `H_r`.
final class BlockRefinement {
  private static final int ROWS = BlockPanel.ROWS;
  private static final int LANES = RunReplay.ROWS;

  private final ColumnFactor factor;
  private final BlockHessian hessian;

  /// Both are owned by the caller.
  BlockRefinement(ColumnFactor factor, BlockHessian hessian) {
    this.factor = factor;
    this.hessian = hessian;
  }

  /// Fills the panel's moving values with B; before the first [#improve].
  void start(BlockPanel panel) {
    for (int p = 0; p < panel.cols; p++) {
      float[] w = row(panel.weights, p);
      float[] q = row(panel.rounded, p);
      for (int i = 0; i < ROWS; i++) {
        q[i] -= w[i];
      }
      MemorySegment.copy(q, 0, panel.changes, JAVA_FLOAT_UNALIGNED, BlockPanel.at(p), ROWS);
    }
    panel.moving.fill((byte) 0);
    hessian.subtract(panel.moving, 0, panel.cols, panel.changes, 0, panel.cols, ROWS);
  }

  /// One pass over all runs.
  void improve(BlockPanel panel) {
    int run = panel.form.run();
    for (int to = panel.cols; to > 0; to -= Math.min(to, BlockPanel.BLOCK)) {
      int from = Math.max(0, to - BlockPanel.BLOCK);
      for (int a = to - run; a >= from; a -= run) {
        for (int row = 0; row < ROWS; row += LANES) {
          improve(panel, a, row);
        }
        move(panel, a, a + run, from, to);
      }
      move(panel, from, to, 0, from);
      move(panel, from, to, to, panel.cols);
    }
  }

  private void move(BlockPanel panel, int from, int to, int first, int last) {
    MemorySegment target = panel.moving.asSlice(BlockPanel.at(first));
    MemorySegment changes = panel.changes.asSlice(BlockPanel.at(from));
    hessian.subtract(target, first, last, changes, from, to, ROWS);
  }

  private void improve(BlockPanel panel, int a, int row) {
    RunSearch search = panel.search;
    RunReplay replay = search.replay;
    RunFactor tile = hessian.runs()[a / panel.form.run()];
    float[] q = search.values;
    panel.read(panel.moving, a, row, replay.values);
    panel.read(panel.rounded, a, row, q);
    tile.solve(replay.values, LANES);
    for (int i = 0; i < q.length; i++) {
      replay.values[i] += q[i];
    }
    System.arraycopy(replay.values, 0, replay.originals, 0, q.length);
    panel.startSearch(a, row);
    replay.lossOf(tile, q);
    System.arraycopy(replay.loss, 0, search.best, 0, LANES);
    Arrays.fill(search.changed, false);
    search.again(tile);
    search.near(tile, 1);
    search.finish(tile);
    byte[] codes = search.codes();
    panel.readCodes(a, row, search.kept);
    for (int i = 0; i < LANES; i++) {
      for (int k = i; !search.changed[i] && k < q.length; k += LANES) {
        replay.rounded[k] = q[k];
        codes[k] = search.kept[k];
      }
    }
    panel.takeScales(a, row);
    panel.write(replay.rounded, panel.rounded, a, row);
    panel.writeCodes(codes, a, row);
    for (int k = 0; k < q.length; k++) {
      q[k] = replay.rounded[k] - q[k];
    }
    panel.write(q, panel.changes, a, row);
  }

  /// The errors of what the panel holds; spoils its moving values.
  TileError errors(BlockPanel panel) {
    start(panel);
    double[] error = sums(panel, panel.changes);
    panel.moving.fill((byte) 0);
    hessian.subtract(panel.moving, 0, panel.cols, panel.weights, 0, panel.cols, ROWS);
    double[] weight = sums(panel, panel.weights);
    return new TileError(error[0], weight[0], error[1], weight[1]);
  }

  /// `|X|^2` and `tr(X H X')`, given `-X H_r` in the moving values.
  private double[] sums(BlockPanel panel, MemorySegment x) {
    double squares = 0;
    double norm = 0;
    for (int p = 0; p < panel.cols; p++) {
      float[] values = row(x, p);
      float[] products = row(panel.moving, p);
      double squared = 0;
      for (int i = 0; i < ROWS; i++) {
        squared += (double) values[i] * values[i];
        norm -= (double) values[i] * products[i];
      }
      squares += squared;
      norm -= factor.added()[p] * squared;
    }
    return new double[] {squares, norm};
  }

  private static float[] row(MemorySegment matrix, int position) {
    float[] row = new float[ROWS];
    MemorySegment.copy(matrix, JAVA_FLOAT_UNALIGNED, BlockPanel.at(position), row, 0, ROWS);
    return row;
  }
}
