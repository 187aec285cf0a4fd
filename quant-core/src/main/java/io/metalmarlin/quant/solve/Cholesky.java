package io.metalmarlin.quant.solve;

import io.metalmarlin.runtime.blas.Workers;
import java.lang.foreign.MemorySegment;

/// `A = L L'` over fixed tiles, so that workers share it and the result does not depend on their
/// number. Right-looking: factor a diagonal tile, solve the tiles below it, subtract their products
/// from the rest.
final class Cholesky {
  private Cholesky() {}

  /// Factors in place; only the lower triangle is read and written.
  ///
  /// @param a `n x n`, row-major
  /// @return 0, or the 1-based index of the first pivot that is not positive
  static int factor(Precision p, MemorySegment a, int n, Workers workers) {
    int tile = n >= 2048 ? 512 : 256;
    int tiles = Math.ceilDiv(n, tile);
    for (int step = 0; step < tiles; step++) {
      int k = step;
      int width = Math.min(tile, n - k * tile);
      int bad = p.potrf(width, at(p, a, n, k * tile, k * tile), n);
      if (bad != 0) {
        return k * tile + Math.max(1, bad);
      }
      int below = tiles - k - 1;
      workers.run(
          below,
          piece -> {
            int i = (k + 1 + piece) * tile;
            p.trsm(
                Math.min(tile, n - i),
                width,
                at(p, a, n, k * tile, k * tile),
                at(p, a, n, i, k * tile),
                n);
          });
      workers.run(
          below * (below + 1) / 2,
          piece -> {
            int row = (int) ((Math.sqrt(8.0 * piece + 1) - 1) / 2);
            int i = (k + 1 + row) * tile;
            int j = (k + 1 + piece - row * (row + 1) / 2) * tile;
            int m = Math.min(tile, n - i);
            MemorySegment left = at(p, a, n, i, k * tile);
            MemorySegment target = at(p, a, n, i, j);
            if (i == j) {
              p.subtractSquare(m, width, left, target, n);
            } else {
              p.subtractProduct(m, tile, width, left, at(p, a, n, j, k * tile), target, n);
            }
          });
    }
    return 0;
  }

  private static MemorySegment at(Precision p, MemorySegment a, int n, int row, int col) {
    return a.asSlice(((long) row * n + col) * p.bytes);
  }
}
