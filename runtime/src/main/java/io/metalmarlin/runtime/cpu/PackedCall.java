package io.metalmarlin.runtime.cpu;

import io.metalmarlin.runtime.cache.CacheFormat;
import io.metalmarlin.runtime.cpu.PackedKv.Recent;
import io.metalmarlin.runtime.model.Heads;
import io.metalmarlin.runtime.model.Scores;

/// The operands of causal attention of one sequence to rounded keys and values: a query reads the
/// positions from [#border] on unrounded, those before it decoded, a tile at a time.
///
/// @param past position of the first query
/// @param q rotated as the keys are, and `out` as the values
record PackedCall(
    Heads heads,
    Scores scores,
    float[] sinks,
    int past,
    CpuTensor q,
    PackedKv k,
    PackedKv v,
    Recent keys,
    Recent values,
    CpuTensor out) {
  /// The first position that the query at a position sees.
  int first(int position) {
    return scores.span().first(position);
  }

  /// The first position that it sees unrounded.
  int border(int position) {
    int exact = Math.max(keys.from(), position - CacheFormat.EXACT + 1);
    return Math.max(first(position), exact);
  }

  long queryOffset(int query, int head) {
    return q.offset(query) + 4L * head * heads.keyDim();
  }

  long outOffset(int query, int head) {
    return out.offset(query) + 4L * head * heads.valueDim();
  }

  int kvHead(int head) {
    return head / (heads.heads() / heads.kvHeads());
  }

  /// Of an unrounded key.
  long keyOffset(int position, int head) {
    return (position - keys.from()) * k.rowBytes() + 4L * kvHead(head) * heads.keyDim();
  }

  long valueOffset(int position, int head) {
    return (position - values.from()) * v.rowBytes() + 4L * kvHead(head) * heads.valueDim();
  }

  /// Positions decoded at once.
  int tile() {
    return Math.min(k.tile(), v.tile());
  }

  /// Floats of a decoded tile.
  long tileFloats() {
    return (long) tile() * Math.max(heads.keyDim(), heads.valueDim());
  }

  CpuSoftmax softmax(CpuKernels kernels, int head) {
    return CpuSoftmax.of(kernels, scores, sinks, head, past + q.rows());
  }
}
