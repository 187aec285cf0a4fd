package io.metalmarlin.quant.solve;

import io.metalmarlin.formats.scheme.TrellisScheme;
import java.util.concurrent.ConcurrentLinkedQueue;

/// Rounds a whole column of a tile at once: the path through the trellis with the smallest squared
/// error, rows one after the other, that ends where it begins.
///
/// The best path under that condition would take a search for each of its beginnings. As usual
/// (arXiv 2406.11235, section 3) two searches do: one without the condition on the column turned by
/// half its length, whose middle says where the path crosses the ends, and one from there to there.
/// That costs about 3 % of the error.
final class TrellisGrid implements GridKernel {
  private final TrellisScheme scheme;
  private final float[] values = TrellisScheme.values();
  private final ConcurrentLinkedQueue<TrellisPaths> idle = new ConcurrentLinkedQueue<>();

  TrellisGrid(TrellisScheme scheme) {
    this.scheme = scheme;
  }

  @Override
  public boolean joint() {
    return true;
  }

  /// @param n rows of one tile
  @Override
  public void round(
      float[] v, int vFrom, float[] scale, float[] zero, int from, int n, float[] q, int[] code) {
    TrellisPaths reused = idle.poll();
    TrellisPaths paths = reused == null ? new TrellisPaths(scheme.bits(), values) : reused;
    paths.load(v, vFrom, scale, from, n);
    paths.search(n / 2, TrellisPaths.ANY);
    int crossing = paths.state(0) & paths.overlap();
    paths.search(0, crossing);
    for (int i = 0; i < n; i++) {
      int state = paths.state(i);
      q[i] = values[state] * scale[from + i];
      code[i] = state & (1 << scheme.bits()) - 1;
    }
    idle.add(paths);
  }

  @Override
  public void loss(float[] group, int columns, int n, float[] scale, float[] zero, float[] loss) {
    float[] q = new float[n];
    int[] code = new int[n];
    java.util.Arrays.fill(loss, 0, n, 0);
    for (int c = 0; c < columns; c++) {
      round(group, c * n, scale, zero, 0, n, q, code);
      for (int i = 0; i < n; i++) {
        float r = group[c * n + i] - q[i];
        loss[i] += r * r;
      }
    }
  }
}
