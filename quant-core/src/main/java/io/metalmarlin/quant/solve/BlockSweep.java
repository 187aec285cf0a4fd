package io.metalmarlin.quant.solve;

import io.metalmarlin.quant.calibrate.ArrayMemory;
import io.metalmarlin.runtime.blas.OpenBlas;
import java.lang.foreign.MemorySegment;

/// Rounds all columns once, run after run, every run's scale and min chosen when it is reached and
/// its errors passed on to the runs still to come.
final class BlockSweep {
  private static final int ROWS = BlockPanel.ROWS;

  /// Steps that the fine search may go.
  private static final int NEAR = 2;

  private static final int LANES = RunReplay.ROWS;

  private final MemorySegment lower;
  private final RunFactor[] runs;

  /// @param factor owned by the caller
  BlockSweep(ColumnFactor factor, int run) {
    this.lower = ArrayMemory.of(factor.lower());
    this.runs = new RunFactor[factor.order().length / run];
    for (int r = 0; r < runs.length; r++) {
      runs[r] = RunFactor.of(factor, lower, r * run, run);
    }
  }

  void round(BlockPanel panel) {
    int run = panel.form.run();
    MemorySegment.copy(panel.weights, 0, panel.moving, 0, panel.weights.byteSize());
    for (int to = panel.cols; to > 0; to -= Math.min(to, BlockPanel.BLOCK)) {
      int from = Math.max(0, to - BlockPanel.BLOCK);
      for (int a = to - run; a >= from; a -= run) {
        for (int row = 0; row < ROWS; row += LANES) {
          round(panel, a, row);
        }
        feed(panel, a, a + run, from, a);
      }
      feed(panel, from, to, 0, from);
    }
  }

  private void round(BlockPanel panel, int a, int row) {
    RunSearch search = panel.search;
    RunReplay replay = search.replay;
    RunFactor factor = runs[a / panel.form.run()];
    panel.read(panel.moving, a, row, replay.values);
    panel.read(panel.weights, a, row, replay.originals);
    panel.startSearch(a, row);
    search.start(factor);
    search.wide(factor);
    search.near(factor, NEAR);
    search.finish(factor);
    panel.takeScales(a, row);
    panel.write(replay.rounded, panel.rounded, a, row);
    panel.write(replay.deviations, panel.changes, a, row);
    panel.writeCodes(search.codes(), a, row);
  }

  /// Moves the values at positions `[first, last)` by the deviations of positions `[from, to)`.
  private void feed(BlockPanel panel, int from, int to, int first, int last) {
    if (first == last) {
      return;
    }
    OpenBlas.sgemm(
        true,
        false,
        last - first,
        ROWS,
        to - from,
        -1,
        lower.asSlice(((long) from * panel.cols + first) * Float.BYTES),
        panel.cols,
        panel.changes.asSlice(BlockPanel.at(from)),
        ROWS,
        1,
        panel.moving.asSlice(BlockPanel.at(first)),
        ROWS);
  }
}
