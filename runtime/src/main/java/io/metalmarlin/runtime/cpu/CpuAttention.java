package io.metalmarlin.runtime.cpu;

import io.metalmarlin.runtime.blas.Workers;
import io.metalmarlin.runtime.model.ModelSpec.Attention;
import io.metalmarlin.runtime.model.Sequences;
import java.lang.foreign.MemorySegment;

/// Causal attention, one piece of work per sequence and head.
///
/// Queries go in tiles of [#TILE] rows; a tile computes scores only up to its last row's position,
/// so nearly half of the square is never touched. Few rows take the vector kernel query by query.
final class CpuAttention {
  private static final int TILE = 64;

  private final CpuKernels kernels;
  private final Workers workers;
  private final Scratch scratch;

  CpuAttention(CpuKernels kernels, Workers workers, Scratch scratch) {
    this.kernels = kernels;
    this.workers = workers;
    this.scratch = scratch;
  }

  /// Keys and values of sequence `s` start at row `s * sequences.length()` of `k` and `v` (row 0
  /// with a cache, whose rows are positions).
  void run(
      Attention spec,
      Sequences sequences,
      CpuTensor q,
      MemorySegment k,
      MemorySegment v,
      CpuTensor out) {
    boolean few = sequences.length() <= CpuProducts.FEW_ROWS;
    int pieces = sequences.count() * spec.heads();
    if (few) {
      for (int p = 0; p < pieces; p++) {
        vectors(new Piece(spec, sequences, p), q, k, v, out);
      }
    } else {
      workers.run(pieces, p -> tiles(new Piece(spec, sequences, p), q, k, v, out));
    }
  }

  /// One head of one sequence; offsets in bytes.
  private record Piece(Attention spec, Sequences sequences, int index) {
    int firstRow() {
      return index / spec.heads() * sequences.length();
    }

    int head() {
      return index % spec.heads();
    }

    long queryOffset(int row) {
      return 4L * ((long) (firstRow() + row) * spec.heads() + head()) * spec.headDim();
    }

    long keyOffset() {
      int kvHead = head() / (spec.heads() / spec.kvHeads());
      return 4L * ((long) firstRow() * spec.kvHeads() + kvHead) * spec.headDim();
    }
  }

  private void vectors(Piece p, CpuTensor q, MemorySegment k, MemorySegment v, CpuTensor out) {
    Attention a = p.spec();
    for (int i = 0; i < p.sequences().length(); i++) {
      int keys = p.sequences().past() + i + 1;
      kernels
          .attend()
          .attend(
              q.data(),
              p.queryOffset(i),
              k,
              v,
              p.keyOffset(),
              4L * a.kvHeads() * a.headDim(),
              keys,
              a.headDim(),
              a.scale(),
              scratch.floats(keys),
              out.data(),
              p.queryOffset(i));
    }
  }

  private void tiles(Piece p, CpuTensor q, MemorySegment k, MemorySegment v, CpuTensor out) {
    Attention a = p.spec();
    int length = p.sequences().length();
    int past = p.sequences().past();
    int queryStride = a.heads() * a.headDim();
    int keyStride = a.kvHeads() * a.headDim();
    MemorySegment keys = k.asSlice(p.keyOffset());
    MemorySegment values = v.asSlice(p.keyOffset());
    MemorySegment scores = scratch.floats((long) TILE * (past + length));
    float[] inverse = new float[TILE];
    for (int from = 0; from < length; from += TILE) {
      int rows = Math.min(TILE, length - from);
      int width = past + from + rows;
      MemorySegment queries = q.data().asSlice(p.queryOffset(from));
      MemorySegment result = out.data().asSlice(p.queryOffset(from));
      kernels
          .gemm()
          .multiply(
              true,
              rows,
              width,
              a.headDim(),
              a.scale(),
              queries,
              queryStride,
              keys,
              keyStride,
              scores,
              width);
      for (int r = 0; r < rows; r++) {
        int valid = past + from + r + 1;
        inverse[r] = 1 / kernels.rows().exponentials(scores, 4L * r * width, valid, width);
      }
      kernels
          .gemm()
          .multiply(
              false,
              rows,
              a.headDim(),
              width,
              1f,
              scores,
              width,
              values,
              keyStride,
              result,
              queryStride);
      for (int r = 0; r < rows; r++) {
        kernels.rows().scale(result, 4L * r * queryStride, a.headDim(), inverse[r]);
      }
    }
  }
}
