package io.metalmarlin.quant.solve;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Masks that depend on the original weights alone.
final class StaticMasks {
  private StaticMasks() {}

  /// Keeps the two largest of every quad and makes the others zero in the panel's weights.
  ///
  /// @param sizes by stored column: a weight counts `size * |w|`; `|w|` alone when null
  /// @param order stored column of each position; quads stand together, highest column lowest
  static void apply(SparsePanel panel, float @Nullable [] sizes, int[] order) {
    int n = panel.stride();
    float[] w = new float[4 * n];
    float[] factor = new float[4];
    Arrays.fill(factor, 1);
    for (int position = 0; position < order.length; position += 4) {
      int stored = order[position + 3];
      for (int k = 0; k < 4; k++) {
        panel.weights(position + 3 - k, w, k * n);
        factor[k] = sizes == null ? 1 : sizes[stored + k];
      }
      Quads.largest(w, factor, n, panel.keep, stored * n);
      for (int i = 0; i < 4 * n; i++) {
        w[i] = panel.keep[stored * n + i] == 0 ? 0 : w[i];
      }
      for (int k = 0; k < 4; k++) {
        long to = (long) (position + 3 - k) * n * Float.BYTES;
        MemorySegment.copy(w, k * n, panel.dense.weights, JAVA_FLOAT_UNALIGNED, to, n);
      }
    }
  }
}
