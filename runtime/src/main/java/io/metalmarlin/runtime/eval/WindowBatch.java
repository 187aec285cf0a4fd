package io.metalmarlin.runtime.eval;

import io.metalmarlin.runtime.backend.Backend;
import io.metalmarlin.runtime.backend.CacheUse;
import io.metalmarlin.runtime.backend.KvCache;
import io.metalmarlin.runtime.backend.Tensor;
import io.metalmarlin.runtime.blas.Workers;
import io.metalmarlin.runtime.cache.CacheFormat;
import io.metalmarlin.runtime.decode.Decoder;
import io.metalmarlin.runtime.model.Sequences;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Runs a few windows at a time through the models and scores them, logits in slices of bounded
/// size.
final class WindowBatch implements AutoCloseable {
  private static final long SLICE_BYTES = 8 << 20;
  // Head products below this many rows would mostly decode weights.
  private static final int MIN_SLICE = 32;
  // Tokens that go through a cache at once.
  private static final int CHUNK = 256;

  private final Side model;
  private final @Nullable Side reference;
  private final int context;
  private final int capacity;
  private final int slice;
  private final Workers workers;

  /// @param format of the model's cached keys and values; null for no cache
  WindowBatch(
      Decoder model,
      @Nullable Decoder reference,
      int context,
      int capacity,
      @Nullable CacheFormat format,
      Workers workers) {
    this.context = context;
    this.capacity = capacity;
    this.workers = workers;
    long fits = SLICE_BYTES / (4L * model.spec().vocabulary());
    this.slice = (int) Math.clamp(fits, Math.min(MIN_SLICE, context), context);
    this.model = new Side(model, capacity * context, slice, format);
    this.reference =
        reference == null ? null : new Side(reference, capacity * context, slice, null);
  }

  /// What the model's cache of one window took; empty without one.
  Optional<CacheUse> cacheUse() {
    return Optional.ofNullable(model.use);
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
    private final @Nullable CacheFormat format;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment host;
    private @Nullable CacheUse use;

    Side(Decoder decoder, int rows, int slice, @Nullable CacheFormat format) {
      this.format = format;
      this.decoder = decoder;
      this.backend = decoder.backend();
      this.hidden = backend.allocate(rows, decoder.spec().hidden());
      this.out = backend.allocate(slice, decoder.spec().vocabulary());
      this.host = arena.allocate(4L * slice * decoder.spec().vocabulary(), 64);
    }

    void forward(int[] ids, Sequences sequences) {
      if (format == null) {
        decoder.forward(ids, backend.rows(hidden, 0, sequences.rows()), sequences, null);
        return;
      }
      int length = sequences.length();
      for (int s = 0; s < sequences.count(); s++) {
        int[] window = Arrays.copyOfRange(ids, s * length, (s + 1) * length);
        Tensor rows = backend.rows(hidden, s * length, (s + 1) * length);
        // What a token reads from the cache does not depend on the chunks: this is what decoding
        // the window token by token computes.
        try (KvCache cache = backend.cache(decoder.spec(), length, format)) {
          for (int at = 0; at < length; at += CHUNK) {
            int n = Math.min(CHUNK, length - at);
            int[] chunk = Arrays.copyOfRange(window, at, at + n);
            Tensor part = backend.rows(rows, at, at + n);
            decoder.forward(chunk, part, new Sequences(1, n, at), cache);
          }
          use = CacheUse.of(cache);
        }
      }
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
