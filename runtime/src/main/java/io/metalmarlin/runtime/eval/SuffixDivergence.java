package io.metalmarlin.runtime.eval;

import io.metalmarlin.runtime.backend.Backend;
import io.metalmarlin.runtime.backend.Columns;
import io.metalmarlin.runtime.backend.Tensor;
import io.metalmarlin.runtime.blas.Workers;
import io.metalmarlin.runtime.decode.Decoder;
import io.metalmarlin.runtime.eval.EvalResult.Interval;
import io.metalmarlin.runtime.model.ModelSpec;
import io.metalmarlin.runtime.model.Sequences;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;

/// How far a model's output moves when weights of one block are replaced: the KL divergence from
/// the model itself in the second half of each window, as in [Evaluator].
///
/// The states of all windows before one block are kept, so a trial runs the blocks from the changed
/// one on, never what stands before it. The reference's logits are kept where they are small, else
/// computed again from the final states. Memory: two states of `tokens x hidden` floats, and 256
/// MiB at most for the logits.
public final class SuffixDivergence implements AutoCloseable {
  // Rows that go through a block at once: matrices that are decoded for a product are so seldom.
  private static final int BATCH = 4096;
  private static final long SLICE_BYTES = 16 << 20;
  private static final long KEPT_BYTES = 256L << 20;

  private final Decoder decoder;
  private final Backend backend;
  private final Workers workers;
  private final List<int[]> windows;
  private final int context;
  private final int scored;
  private final int perBatch;
  private final int slice;
  private final Tensor before;
  private final Tensor last;
  private final Tensor moving;
  private final Tensor logits;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment model;
  private final MemorySegment reference;
  private final boolean kept;
  private int block;

  /// @param decoder with the weights as they are; its caller changes them for a trial
  /// @param windows of one length, at least 4 tokens
  /// @param tick called after each batch; may throw to stop
  public SuffixDivergence(Decoder decoder, List<int[]> windows, Workers workers, Runnable tick) {
    this.decoder = decoder;
    this.backend = decoder.backend();
    this.workers = workers;
    this.windows = List.copyOf(windows);
    this.context = windows.getFirst().length;
    this.scored = scored(context);
    this.perBatch = Math.clamp(BATCH / context, 1, windows.size());
    int vocabulary = decoder.spec().vocabulary();
    this.slice = (int) Math.clamp(SLICE_BYTES / (4L * vocabulary), Math.min(32, scored), scored);
    int hidden = decoder.spec().hidden();
    int rows = windows.size() * context;
    this.before = backend.allocate(rows, hidden);
    this.last = backend.allocate(rows, hidden);
    this.moving = backend.allocate(perBatch * context, hidden);
    this.logits = backend.allocate(slice, vocabulary);
    this.kept = keepsLogits(decoder.spec(), windows.size(), context);
    this.model = arena.allocate(4L * slice * vocabulary, 64);
    this.reference = arena.allocate(4L * vocabulary * (kept ? windows.size() * scored : slice), 64);
    embed(before);
    embed(last);
    for (int b = 0; b < decoder.spec().blocks().size(); b++) {
      run(b, last, tick);
    }
    if (kept) {
      keepLogits(tick);
    }
  }

  private void keepLogits(Runnable tick) {
    for (int w = 0; w < windows.size(); w++) {
      for (int done = 0; done < scored; done += slice) {
        computeReference(w, done, Math.min(slice, scored - done));
      }
      tick.run();
    }
  }

  /// Whether the reference's logits of so many windows are kept from one trial to the next.
  public static boolean keepsLogits(ModelSpec spec, int windows, int context) {
    return 4L * spec.vocabulary() * windows * scored(context) <= KEPT_BYTES;
  }

  /// Scored positions of a window.
  private static int scored(int context) {
    return context - 1 - context / 2;
  }

  private void embed(Tensor target) {
    for (int w = 0; w < windows.size(); w++) {
      Tensor rows = backend.rows(target, w * context, (w + 1) * context);
      decoder.embed(windows.get(w), Sequences.fresh(1, context), rows);
    }
  }

  private void run(int index, Tensor states, Runnable tick) {
    for (int w = 0; w < windows.size(); w += perBatch) {
      int n = Math.min(perBatch, windows.size() - w);
      Tensor rows = backend.rows(states, w * context, (w + n) * context);
      decoder.block(index, rows, Sequences.fresh(n, context), null);
      tick.run();
    }
  }

  /// Moves the kept states behind the next block, which must be as it is.
  public void advance(Runnable tick) {
    run(block, before, tick);
    block++;
  }

  /// The mean divergence with the block before which the states stand as it is now.
  ///
  /// @throws io.metalmarlin.formats.MarlinException `NUMERIC_FAILURE`
  public Interval measure(Runnable tick) {
    PositionScores scores =
        new PositionScores(windows.size(), scored, decoder.spec().vocabulary(), true);
    for (int w = 0; w < windows.size(); w += perBatch) {
      int n = Math.min(perBatch, windows.size() - w);
      Tensor rows = backend.rows(moving, 0, n * context);
      backend.copy(
          backend.rows(before, w * context, (w + n) * context),
          Columns.of(0, rows.cols()),
          rows,
          Columns.of(0, rows.cols()));
      for (int b = block; b < decoder.spec().blocks().size(); b++) {
        decoder.block(b, rows, Sequences.fresh(n, context), null);
      }
      for (int i = 0; i < n; i++) {
        score(rows, i * context, w + i, scores);
      }
      tick.run();
    }
    return scores.divergence().mean();
  }

  private void score(Tensor rows, int first, int window, PositionScores scores) {
    int vocabulary = decoder.spec().vocabulary();
    int half = context / 2;
    int[] ids = windows.get(window);
    for (int done = 0; done < scored; done += slice) {
      int n = Math.min(slice, scored - done);
      int from = half + done;
      read(rows, first + from, n, model);
      MemorySegment exact = kept ? place(window, done, n) : computeReference(window, done, n);
      int at = window * scored + done;
      workers.run(
          n, i -> scores.pair(at + i, exact, model, 4L * i * vocabulary, ids[from + i + 1]));
    }
  }

  /// Computes the reference's logits of scored positions of a window.
  private MemorySegment computeReference(int window, int done, int count) {
    MemorySegment target = place(window, done, count);
    read(last, window * context + context / 2 + done, count, target);
    return target;
  }

  private MemorySegment place(int window, int done, int count) {
    long row = 4L * decoder.spec().vocabulary();
    long first = kept ? (long) window * scored + done : 0;
    return reference.asSlice(first * row, count * row);
  }

  private void read(Tensor states, int from, int count, MemorySegment target) {
    Tensor out = backend.rows(logits, 0, count);
    decoder.logits(states, from, from + count, out);
    backend.read(out, target);
  }

  @Override
  public void close() {
    before.close();
    last.close();
    moving.close();
    logits.close();
    arena.close();
  }
}
