package io.metalmarlin.quant.convert;

import io.metalmarlin.formats.scheme.GroupScheme;
import io.metalmarlin.runtime.blas.Workers;

/// Runs of rows or elements that are worked on at once. The cut does not depend on the number of
/// threads, so neither do sums over it.
///
/// @param total rows or elements
/// @param step of one tile
record Tiles(long total, long step) {
  /// Elements of one tile: few enough that a tile per worker is small, enough to keep one busy.
  private static final long ELEMENTS = 1L << 19;

  /// Work on the rows or elements `[from, to)`.
  @FunctionalInterface
  interface Work {
    TileSum run(long from, long to);
  }

  static Tiles flat(long elements) {
    return new Tiles(elements, ELEMENTS);
  }

  /// @param groupRows rows that must stay together
  static Tiles rows(int rows, int cols, int groupRows) {
    if (groupRows == GroupScheme.WHOLE || groupRows >= rows) {
      return new Tiles(rows, rows);
    }
    long wanted = Math.max(1, ELEMENTS / Math.max(1, cols));
    return new Tiles(rows, Math.ceilDiv(wanted, groupRows) * groupRows);
  }

  TileSum run(Workers workers, Work work) {
    int count = Math.toIntExact(Math.ceilDiv(total, step));
    TileSum[] sums = new TileSum[count];
    workers.run(count, i -> sums[i] = work.run(i * step, Math.min(total, (i + 1) * step)));
    TileSum sum = TileSum.ZERO;
    for (TileSum s : sums) {
      sum = sum.plus(s);
    }
    return sum;
  }
}
