package io.metalmarlin.runtime.eval;

import io.metalmarlin.runtime.backend.CacheUse;
import io.metalmarlin.runtime.blas.Workers;
import io.metalmarlin.runtime.cache.CacheFormat;
import io.metalmarlin.runtime.decode.Decoder;
import io.metalmarlin.runtime.model.Sequences;
import java.lang.foreign.MemorySegment;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Runs a few windows at a time through the models and scores them, logits in slices of bounded
/// size.
final class WindowBatch implements AutoCloseable {
  private static final long SLICE_BYTES = 8 << 20;
  // Head products below this many rows would mostly decode weights.
  private static final int MIN_SLICE = 32;

  private final ModelLogits model;
  private final @Nullable WindowLogits reference;
  private final @Nullable ReferenceWriter save;
  private final int context;
  private final int capacity;
  private final int slice;
  private final Workers workers;

  /// @param format of the model's cached keys and values; null for no cache
  /// @param save gets the model's hidden states; null for nobody
  WindowBatch(
      Decoder model,
      @Nullable Baseline reference,
      int context,
      int capacity,
      @Nullable CacheFormat format,
      @Nullable ReferenceWriter save,
      Workers workers) {
    this.save = save;
    this.context = context;
    this.capacity = capacity;
    this.workers = workers;
    long fits = SLICE_BYTES / (4L * model.spec().vocabulary());
    this.slice = (int) Math.clamp(fits, Math.min(MIN_SLICE, context), context);
    this.model = new ModelLogits(model, capacity * context, slice, format);
    this.reference = reference == null ? null : reference.logits(context, capacity, slice);
  }

  /// What the model's cache of one window took; empty without one.
  Optional<CacheUse> cacheUse() {
    return Optional.ofNullable(model.cacheUse());
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
    Sequences sequences = Sequences.fresh(windows, context);
    model.forward(ids, firstWindow, sequences);
    if (reference != null) {
      reference.forward(ids, firstWindow, sequences);
    }
    if (save != null) {
      save.add(firstWindow, ids, model.hidden());
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
      int[] ids,
      int firstRow,
      int count,
      int at,
      PositionScores scores,
      @Nullable WindowLogits other) {
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
}
