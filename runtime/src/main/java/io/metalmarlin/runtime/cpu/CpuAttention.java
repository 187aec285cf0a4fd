package io.metalmarlin.runtime.cpu;

import io.metalmarlin.runtime.blas.Workers;
import io.metalmarlin.runtime.model.Heads;
import io.metalmarlin.runtime.model.Scores;
import io.metalmarlin.runtime.model.Sequences;
import java.lang.foreign.MemorySegment;

/// Causal attention, one piece of work per sequence and head.
///
/// Queries go in tiles of [#TILE] rows; a tile computes scores only from its first row's span up to
/// its last row's position, so what no row may see is hardly touched. Few rows take the vector
/// kernel query by query.
final class CpuAttention {
  private static final int TILE = 64;
  // Below this many multiplications of few rows the heads are not worth sharing.
  private static final long ALONE = 1 << 17;

  private final CpuKernels kernels;
  private final Workers workers;
  private final Scratch scratch;

  CpuAttention(CpuKernels kernels, Workers workers, Scratch scratch) {
    this.kernels = kernels;
    this.workers = workers;
    this.scratch = scratch;
  }

  /// One call's operands. Keys and values of sequence `s` start at row `s * sequences.length()` of
  /// `k` and `v` (row 0 with a cache, whose rows are positions).
  record Call(
      Heads heads,
      Scores scores,
      float[] sinks,
      Sequences sequences,
      CpuTensor q,
      MemorySegment k,
      MemorySegment v,
      CpuTensor out) {}

  void run(Call call) {
    Sequences sequences = call.sequences();
    boolean few = sequences.length() <= CpuProducts.FEW_ROWS;
    int pieces = sequences.count() * call.heads().heads();
    long multiplications =
        (long) pieces
            * sequences.length()
            * (sequences.past() + sequences.length())
            * (call.heads().keyDim() + call.heads().valueDim());
    if (few && multiplications < ALONE) {
      for (int p = 0; p < pieces; p++) {
        vectors(Piece.of(kernels, call, p));
      }
    } else if (few) {
      workers.runBrief(pieces, p -> vectors(Piece.of(kernels, call, p)));
    } else {
      workers.run(pieces, p -> tiles(Piece.of(kernels, call, p)));
    }
  }

  /// One head of one sequence; offsets in bytes.
  private record Piece(Call call, int index, CpuSoftmax softmax) {
    static Piece of(CpuKernels kernels, Call call, int index) {
      int head = index % call.heads().heads();
      int tokens = call.sequences().past() + call.sequences().length();
      return new Piece(
          call, index, CpuSoftmax.of(kernels, call.scores(), call.sinks(), head, tokens));
    }

    Heads heads() {
      return call.heads();
    }

    int firstRow() {
      return index / heads().heads() * call.sequences().length();
    }

    int head() {
      return index % heads().heads();
    }

    private int kvHead() {
      return head() / (heads().heads() / heads().kvHeads());
    }

    long queryOffset(int row) {
      return 4L * ((long) (firstRow() + row) * heads().heads() + head()) * heads().keyDim();
    }

    long outOffset(int row) {
      return 4L * ((long) (firstRow() + row) * heads().heads() + head()) * heads().valueDim();
    }

    /// Of the key at a position of the sequence.
    long keyOffset(int position) {
      return 4L
          * ((long) (firstRow() + position) * heads().kvHeads() + kvHead())
          * heads().keyDim();
    }

    long valueOffset(int position) {
      return 4L
          * ((long) (firstRow() + position) * heads().kvHeads() + kvHead())
          * heads().valueDim();
    }
  }

  private void vectors(Piece p) {
    Call c = p.call();
    Heads h = p.heads();
    for (int i = 0; i < c.sequences().length(); i++) {
      int position = c.sequences().past() + i;
      int first = c.scores().span().first(position);
      int keys = position + 1 - first;
      MemorySegment scores = scratch.floats(keys + 1L);
      kernels
          .attend()
          .scores(
              c.q().data(),
              p.queryOffset(i),
              c.k(),
              p.keyOffset(first),
              4L * h.keyWidth(),
              keys,
              h.keyDim(),
              c.scores().scale(),
              scores);
      float inverse = 1 / p.softmax().weights(scores, 0, first, keys, keys);
      kernels
          .attend()
          .mix(
              scores,
              inverse,
              c.v(),
              p.valueOffset(first),
              4L * h.valueWidth(),
              keys,
              h.valueDim(),
              c.out().data(),
              p.outOffset(i));
    }
  }

  private void tiles(Piece p) {
    Call c = p.call();
    Heads h = p.heads();
    int length = c.sequences().length();
    int past = c.sequences().past();
    // One column more than keys, where a sink stands while the softmax is taken.
    MemorySegment scores = scratch.floats((long) TILE * (past + length + 1));
    float[] inverse = new float[TILE];
    for (int from = 0; from < length; from += TILE) {
      int rows = Math.min(TILE, length - from);
      int base = c.scores().span().first(past + from);
      int width = past + from + rows - base;
      int stride = width + p.softmax().room();
      kernels
          .gemm()
          .multiply(
              true,
              rows,
              width,
              h.keyDim(),
              c.scores().scale(),
              c.q().data().asSlice(p.queryOffset(from)),
              h.queryWidth(),
              c.k().asSlice(p.keyOffset(base)),
              h.keyWidth(),
              scores,
              stride);
      for (int r = 0; r < rows; r++) {
        int position = past + from + r;
        int first = c.scores().span().first(position);
        long row = 4L * r * stride;
        scores.asSlice(row, 4L * (first - base)).fill((byte) 0);
        long at = row + 4L * (first - base);
        inverse[r] =
            1 / p.softmax().weights(scores, at, first, position + 1 - first, width + base - first);
      }
      MemorySegment result = c.out().data().asSlice(p.outOffset(from));
      kernels
          .gemm()
          .multiply(
              false,
              rows,
              h.valueDim(),
              width,
              1f,
              scores,
              stride,
              c.v().asSlice(p.valueOffset(base)),
              h.valueWidth(),
              result,
              h.mixedWidth());
      for (int r = 0; r < rows; r++) {
        kernels.rows().scale(result, 4L * r * h.mixedWidth(), h.valueDim(), inverse[r]);
      }
    }
  }
}
