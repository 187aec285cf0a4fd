package io.metalmarlin.quant.solve;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import java.lang.foreign.MemorySegment;

/// Walks one group without rounding to find which columns are removed, on a copy of its values.
final class Rehearsal {
  private final SparsePanel panel;
  private final FactorRows rows;
  private final ColumnFactor factor;
  private final int leaf;
  private final double[] pivots;

  Rehearsal(SparsePanel panel, FactorRows rows, ColumnFactor factor, int leaf) {
    this.panel = panel;
    this.rows = rows;
    this.factor = factor;
    this.leaf = leaf;
    this.pivots = factor.livePivots();
  }

  /// Marks the kept columns of positions `[from, to)` in the panel and tells it their values.
  void run(int from, int to) {
    int n = panel.stride();
    long line = (long) n * Float.BYTES;
    for (int p = from; p < to; p++) {
      MemorySegment.copy(
          panel.dense.moving, 2 * p * line, panel.rehearsal, (p - from) * line, line);
    }
    for (int end = to; end > from; ) {
      int start = Math.max(from, (end - 1) / leaf * leaf);
      prune(from, start, end);
      rows.move(panel.rehearsal, n, start, end, from, start, n, panel.rehearsed, n);
      end = start;
    }
  }

  private void prune(int origin, int from, int to) {
    int n = panel.stride();
    int width = to - from;
    float[] v = panel.dense.leaf;
    float[] w = panel.dense.original;
    float[] d = new float[n];
    float[] multipliers = new float[width];
    for (int c = 0; c < width; c++) {
      MemorySegment.copy(
          panel.rehearsal,
          JAVA_FLOAT_UNALIGNED,
          (long) (from + c - origin) * n * Float.BYTES,
          v,
          c * n,
          n);
      panel.weights(from + c, w, c * n);
    }
    for (int c = width - 1; c >= 0; c--) {
      if (c % 4 == 3) {
        chooseQuad(from + c - 3, v, w, (c - 3) * n);
      }
      int stored = factor.order()[from + c];
      panel.groupColumn(v, c * n, stored);
      for (int i = 0; i < n; i++) {
        float kept = panel.keep[stored * n + i] == 0 ? 0 : v[c * n + i];
        d[i] = kept - w[c * n + i];
      }
      rows.read(from + c, from, multipliers, c);
      for (int k = 0; k < c; k++) {
        Lanes.subtractScaled(v, k * n, d, multipliers[k], n);
      }
      MemorySegment.copy(
          d, 0, panel.rehearsed, JAVA_FLOAT_UNALIGNED, (long) c * n * Float.BYTES, n);
    }
  }

  /// @param position lowest of the quad, the one walked last
  /// @param at where its values stand in `v` and `w`
  private void chooseQuad(int position, float[] v, float[] w, int at) {
    int n = panel.stride();
    float[] x = new float[4 * n];
    float[] original = new float[4 * n];
    float[][] multiplier = new float[4][4];
    double[] pivot = new double[4];
    float[] row = new float[3];
    for (int k = 0; k < 4; k++) {
      // Column k of the quad is walked k-th and stands at position + 3 - k.
      System.arraycopy(v, at + (3 - k) * n, x, k * n, n);
      System.arraycopy(w, at + (3 - k) * n, original, k * n, n);
      pivot[k] = pivots[position + 3 - k];
      rows.read(position + 3 - k, position, row, 3 - k);
      for (int b = k + 1; b < 4; b++) {
        multiplier[k][b] = row[3 - b];
      }
    }
    for (int m = 0; m < 4; m++) {
      for (int b = m + 1; b < 4; b++) {
        for (int i = 0; i < n; i++) {
          x[b * n + i] -= (x[m * n + i] - original[m * n + i]) * multiplier[m][b];
        }
      }
    }
    int stored = factor.order()[position + 3];
    Quads.cheapest(original, x, pivot, Quads.gains(multiplier), n, panel.keep, stored * n);
  }
}
