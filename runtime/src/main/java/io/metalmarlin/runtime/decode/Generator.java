package io.metalmarlin.runtime.decode;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.runtime.backend.Backend;
import io.metalmarlin.runtime.backend.CacheUse;
import io.metalmarlin.runtime.backend.KvCache;
import io.metalmarlin.runtime.backend.Tensor;
import io.metalmarlin.runtime.cache.CacheFormat;
import io.metalmarlin.runtime.model.ModelSpec;
import io.metalmarlin.runtime.model.Sequences;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Optional;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/// Continues a prompt token by token with a KV cache. The cache stays for the next prompt, which
/// computes only what it does not share with the text before; closing frees it.
public final class Generator implements AutoCloseable {
  // The prompt is read in pieces of this many tokens, which bounds the intermediate tensors.
  private static final int PREFILL = 512;

  private static final int WARM_TOKENS = 64;
  private static final long WARM_NANOS = 150_000_000;

  private final Decoder decoder;
  private final @Nullable CacheFormat format;
  private final History history;
  private int reused;

  /// A generator whose cache is as large as its prompts need.
  public Generator(Decoder decoder) {
    this(decoder, 0, null);
  }

  /// @param reserve positions that the cache holds from the beginning, so that a text that grows
  ///   does not have to be computed again in a larger one
  /// @param format of the cached keys and values; null for fp32
  public Generator(Decoder decoder, int reserve, @Nullable CacheFormat format) {
    this.decoder = decoder;
    this.format = format;
    this.history = new History(decoder.spec(), decoder.backend(), reserve, format);
  }

  /// What the cache takes; empty before the first prompt.
  public Optional<CacheUse> cacheUse() {
    return history.use();
  }

  /// Tokens of the last prompt that the cache held already.
  public int reused() {
    return reused;
  }

  /// Runs a few tokens through a cache of their own, so that what a device does only once (reading
  /// the file, putting weights into the order it decodes fastest, compiling kernels) is done before
  /// anybody waits for text: two, then more while that takes no noticeable time.
  public void warm() {
    ModelSpec spec = decoder.spec();
    Backend backend = decoder.backend();
    int most = Math.min(WARM_TOKENS, spec.maxPositions());
    try (KvCache cache = backend.cache(spec, most, format);
        Tensor hidden = backend.allocate(1, spec.hidden());
        Tensor out = backend.allocate(1, spec.vocabulary())) {
      long start = System.nanoTime();
      for (int past = 0; past < most; past++) {
        decoder.forward(new int[] {0}, hidden, new Sequences(1, 1, past), cache);
        decoder.logits(hidden, 0, 1, out);
        backend.host(out);
        if (past == 0) {
          start = System.nanoTime();
        } else if (System.nanoTime() - start > WARM_NANOS) {
          return;
        }
      }
    }
  }

  /// Hands each new token to `sink` until it returns false, a stop id comes or the limit is
  /// reached.
  ///
  /// @return tokens handed out
  /// @throws MarlinException `BAD_FLAG` for an empty prompt or more positions than the model has,
  ///   `NUMERIC_FAILURE` when logits are not finite
  public int run(int[] prompt, GenerateOptions options, IntPredicate sink) {
    ModelSpec spec = decoder.spec();
    int positions = check(prompt, options, spec);
    if (options.maxTokens() == 0) {
      return 0;
    }
    Backend backend = decoder.backend();
    Sampler sampler = new Sampler(options);
    float[] logits = new float[spec.vocabulary()];
    reused = history.keep(prompt, positions);
    KvCache cache = history.cache();
    BitSet seen = History.occurring(prompt);
    try (Tensor hidden = backend.allocate(Math.min(prompt.length, PREFILL), spec.hidden());
        Tensor out = backend.allocate(1, spec.vocabulary());
        Arena arena = Arena.ofConfined()) {
      MemorySegment host = arena.allocate(4L * logits.length, 64);
      for (int at = reused; at < prompt.length; at += PREFILL) {
        int n = Math.min(PREFILL, prompt.length - at);
        int[] ids = Arrays.copyOfRange(prompt, at, at + n);
        decoder.forward(ids, backend.rows(hidden, 0, n), new Sequences(1, n, at), cache);
        history.add(ids);
        if (at + n == prompt.length) {
          decoder.logits(hidden, n - 1, n, out);
        }
      }
      for (int produced = 0; ; ) {
        backend.read(out, host);
        MemorySegment.copy(host, ValueLayout.JAVA_FLOAT, 0, logits, 0, logits.length);
        requireFinite(logits, prompt.length + produced);
        sampler.penalize(logits, seen);
        int id = sampler.pick(logits, produced);
        if (options.stopIds().contains(id)) {
          return produced;
        }
        produced++;
        seen.set(id);
        if (!sink.test(id) || produced == options.maxTokens()) {
          return produced;
        }
        Tensor row = backend.rows(hidden, 0, 1);
        Sequences next = new Sequences(1, 1, prompt.length + produced - 1);
        decoder.forward(new int[] {id}, row, next, cache);
        history.add(id);
        decoder.logits(row, 0, 1, out);
      }
    }
  }

  @Override
  public void close() {
    history.close();
  }

  private static int check(int[] prompt, GenerateOptions options, ModelSpec spec) {
    long positions = (long) prompt.length + options.maxTokens();
    if (prompt.length == 0) {
      throw new MarlinException(
          ErrorCode.BAD_FLAG,
          "--prompt",
          "the prompt has no tokens",
          "Give some text to continue.");
    }
    if (positions > spec.maxPositions()) {
      throw new MarlinException(
          ErrorCode.BAD_FLAG,
          "-n",
          "prompt (%d tokens) and continuation (%d) need %d positions, the model has %d"
              .formatted(prompt.length, options.maxTokens(), positions, spec.maxPositions()),
          prompt.length < spec.maxPositions()
              ? "Shorten the prompt or lower -n to at most %d."
                  .formatted(spec.maxPositions() - prompt.length)
              : "Shorten the prompt to fewer than %d tokens.".formatted(spec.maxPositions()));
    }
    return (int) positions;
  }

  private static void requireFinite(float[] logits, int position) {
    for (int i = 0; i < logits.length; i++) {
      if (!Float.isFinite(logits[i])) {
        throw new MarlinException(
            ErrorCode.NUMERIC_FAILURE,
            "position " + position,
            "the logit of token " + i + " is " + logits[i],
            "The checkpoint holds weights that overflow or are not finite; check where it came"
                + " from.");
      }
    }
  }
}
