package io.metalmarlin.runtime.eval;

import io.metalmarlin.runtime.backend.Backend;
import io.metalmarlin.runtime.backend.CacheUse;
import io.metalmarlin.runtime.backend.KvCache;
import io.metalmarlin.runtime.backend.Tensor;
import io.metalmarlin.runtime.cache.CacheFormat;
import io.metalmarlin.runtime.decode.Decoder;
import io.metalmarlin.runtime.model.Sequences;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// A model that runs, with its hidden state and a slice of logits.
final class ModelLogits implements WindowLogits {
  // Tokens that go through a cache at once.
  private static final int CHUNK = 256;

  private final Decoder decoder;
  private final Backend backend;
  private final Tensor hidden;
  private final Tensor out;
  private final @Nullable CacheFormat format;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment host;
  private @Nullable CacheUse use;

  ModelLogits(Decoder decoder, int rows, int slice, @Nullable CacheFormat format) {
    this.format = format;
    this.decoder = decoder;
    this.backend = decoder.backend();
    this.hidden = backend.allocate(rows, decoder.spec().hidden());
    this.out = backend.allocate(slice, decoder.spec().vocabulary());
    this.host = arena.allocate(4L * slice * decoder.spec().vocabulary(), 64);
  }

  /// A row for each token of the batch.
  Tensor hidden() {
    return hidden;
  }

  /// What the cache of the last window took; null without one.
  @Nullable CacheUse cacheUse() {
    return use;
  }

  @Override
  public void forward(int[] ids, int firstWindow, Sequences sequences) {
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

  @Override
  public MemorySegment logits(int row, int count) {
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
