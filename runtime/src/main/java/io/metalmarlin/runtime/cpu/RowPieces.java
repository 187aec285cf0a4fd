package io.metalmarlin.runtime.cpu;

import io.metalmarlin.runtime.blas.Workers;
import java.util.function.IntConsumer;
import java.util.function.ObjIntConsumer;
import java.util.function.Supplier;

/// Work row by row, shared in pieces of fixed size.
final class RowPieces {
  private static final int ROWS = 64;

  private RowPieces() {}

  static void run(Workers workers, int rows, IntConsumer row) {
    run(workers, rows, () -> row, IntConsumer::accept);
  }

  /// @param room what each piece needs for its rows
  static <T> void run(Workers workers, int rows, Supplier<T> room, ObjIntConsumer<T> row) {
    workers.run(
        Math.ceilDiv(rows, ROWS),
        piece -> {
          T mine = room.get();
          int end = Math.min(rows, (piece + 1) * ROWS);
          for (int r = piece * ROWS; r < end; r++) {
            row.accept(mine, r);
          }
        });
  }
}
