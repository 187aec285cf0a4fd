package io.metalmarlin.quant.solve;

import io.metalmarlin.formats.scheme.ggml.PointForm;

/// Chooses the fp16 step of each block of a [PointForm] and first scales: every run gets the scale
/// under which its own rounding costs least, all other columns exact, and the largest of a block
/// becomes the greatest code.
final class PointSteps {
  private static final int ROWS = BlockPanel.ROWS;
  private static final int LANES = RunReplay.ROWS;

  private final PointForm form;
  private final RunFactor[] tiles;
  private final float greatest;

  /// @param tiles of `H_r`, one a run
  PointSteps(PointForm form, RunFactor[] tiles) {
    this.form = form;
    this.tiles = tiles;
    int most = 0;
    for (int p = 0; p < form.points(); p++) {
      for (int c = 0; c < form.width(); c++) {
        most = Math.max(most, form.magnitude(p, c));
      }
    }
    this.greatest = most;
  }

  void choose(BlockPanel panel) {
    RunSearch search = panel.search;
    for (int a = 0; a < panel.cols; a += form.run()) {
      for (int row = 0; row < ROWS; row += LANES) {
        panel.read(panel.weights, a, row, search.replay.values);
        panel.read(panel.weights, a, row, search.replay.originals);
        search.alone(tiles[a / form.run()], greatest);
        panel.takeScales(a, row);
      }
    }
    int perBlock = form.type().blockElements() / form.run();
    for (int i = 0; i < panel.scales.length; i++) {
      int block = i / ROWS / perBlock * ROWS + i % ROWS;
      panel.steps[block] = Math.max(panel.steps[block], panel.scales[i]);
    }
    float unit = form.scale(1, form.greatestScale());
    for (int i = 0; i < panel.steps.length; i++) {
      panel.steps[i] = RunSearch.half(panel.steps[i] / unit);
    }
    for (int i = 0; i < panel.scales.length; i++) {
      int block = i / ROWS / perBlock * ROWS + i % ROWS;
      panel.scales[i] = search.storable(panel.scales[i], panel.steps[block]);
    }
  }
}
