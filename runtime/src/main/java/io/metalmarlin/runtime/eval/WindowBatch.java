package io.metalmarlin.runtime.eval;

import io.metalmarlin.runtime.backend.Backend;
import io.metalmarlin.runtime.backend.Tensor;
import io.metalmarlin.runtime.blas.Workers;
import io.metalmarlin.runtime.decode.Decoder;
import io.metalmarlin.runtime.model.Sequences;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// Runs a few windows at a time through the models and scores them, logits in slices of bounded
/// size.
final class WindowBatch implements AutoCloseable {
  private static final long SLICE_BYTES = 8 << 20;
  // Head products below this many rows would mostly decode weights.
  private static final int MIN_SLICE = 32;

  private final Side model;
  private final @Nullable Side reference;
  private final int context;
  private final int capacity;
  private final int slice;
  private final Workers workers;

  WindowBatch(
      Decoder model, @Nullable Decoder reference, int context, int capacity, Workers workers) {
    this.context = context;
    this.capacity = capacity;
    this.workers = workers;
    long fits = SLICE_BYTES / (4L * model.spec().vocabulary());
    this.slice = (int) Math.clamp(fits, Math.min(MIN_SLICE, context), context);
    this.model = new Side(model, capacity * context, slice);
    this.reference = reference == null ? null : new Side(reference, capacity * context, slice);
  }

  /// Windows that fit.
  int capacity() {
    return capacity;
  }

  /// @param ids whole windows one after another
  /// @param firstWindow index of the first of them among all windows
  /// @param first gets positions 0 .. context/2 - 1, second the scored rest
  void score(int[] ids, int firstWindow, PositionScores first, PositionScores second) {
    int windows = ids.length / context;
    model.forward(ids, Sequences.fresh(windows, context));
    if (reference != null) {
      reference.forward(ids, Sequences.fresh(windows, context));
    }
    int half = context / 2;
    for (int w = 0; w < windows; w++) {
      int row = w * context;
      score(ids, row, half, (firstWindow + w) * half, first, null);
      score(
          ids,
          row + half,
          context - 1 - half,
          (firstWindow + w) * (context - 1 - half),
          second,
          reference);
    }
  }

  /// Scores `count` rows from `firstRow` on; their results go to `at` and after.
  private void score(
      int[] ids, int firstRow, int count, int at, PositionScores scores, @Nullable Side other) {
    for (int done = 0; done < count; done += slice) {
      int start = firstRow + done;
      int n = Math.min(slice, count - done);
      int to = at + done;
      MemorySegment logits = model.logits(start, n);
      MemorySegment others = other == null ? null : other.logits(start, n);
      long stride = logits.byteSize() / slice;
      workers.run(
          n,
          i -> {
            int target = ids[start + i + 1];
            if (others == null) {
              scores.model(to + i, logits, i * stride, target);
            } else {
              scores.pair(to + i, others, logits, i * stride, target);
            }
          });
    }
  }

  @Override
  public void close() {
    model.close();
    if (reference != null) {
      reference.close();
    }
  }

  /// One model with its hidden state and a slice of logits.
  private static final class Side implements AutoCloseable {
    private final Decoder decoder;
    private final Backend backend;
    private final Tensor hidden;
    private final Tensor out;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment host;

    Side(Decoder decoder, int rows, int slice) {
      this.decoder = decoder;
      this.backend = decoder.backend();
      this.hidden = backend.allocate(rows, decoder.spec().hidden());
      this.out = backend.allocate(slice, decoder.spec().vocabulary());
      this.host = arena.allocate(4L * slice * decoder.spec().vocabulary(), 64);
    }

    void forward(int[] ids, Sequences sequences) {
      decoder.forward(ids, backend.rows(hidden, 0, sequences.rows()), sequences, null);
    }

    MemorySegment logits(int row, int count) {
      Tensor rows = backend.rows(out, 0, count);
      decoder.logits(hidden, row, row + count, rows);
      backend.read(rows, host);
      return host;
    }

    @Override
    public void close() {
      hidden.close();
      out.close();
      arena.close();
    }
  }
}
