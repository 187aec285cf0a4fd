package io.metalmarlin.runtime.cpu;

import io.metalmarlin.runtime.backend.KvCache;
import io.metalmarlin.runtime.blas.Workers;
import io.metalmarlin.runtime.cache.CacheFormat;
import io.metalmarlin.runtime.cpu.PackedKv.Recent;
import io.metalmarlin.runtime.model.Heads;
import io.metalmarlin.runtime.model.ModelSpec;
import io.metalmarlin.runtime.model.Scores;
import io.metalmarlin.runtime.model.Sequences;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/// Attention of one sequence to what a cache holds, and its caches. Where a format rotates rows
/// before it rounds them, queries are rotated alike, and results back.
final class CpuCachedAttention implements AutoCloseable {
  // As in CpuAttention.
  private static final long ALONE = 1 << 17;

  private final CpuKernels kernels;
  private final Workers workers;
  private final CpuAttention attention;
  private final Scratch scratch;
  private final Scratch tiles = new Scratch();
  private final Scratch queries = new Scratch();
  private final Scratch recentKeys = new Scratch();
  private final Scratch recentValues = new Scratch();

  CpuCachedAttention(CpuKernels kernels, Workers workers, CpuAttention attention, Scratch scratch) {
    this.kernels = kernels;
    this.workers = workers;
    this.attention = attention;
    this.scratch = scratch;
  }

  KvCache cache(ModelSpec spec, int capacity, @Nullable CacheFormat format) {
    return new CpuKvCache(
        spec,
        capacity,
        format,
        format == null
            ? KvStore.Dense::allocate
            : (memory, positions, heads, width) ->
                new PackedKv(format, kernels, workers, memory, positions, heads, width));
  }

  void run(
      Heads heads,
      Scores scores,
      float[] sinks,
      int layer,
      CpuTensor q,
      CpuTensor k,
      CpuTensor v,
      Sequences sequences,
      CpuKvCache cache,
      CpuTensor out) {
    cache.reserve(layer, sequences, heads);
    int past = sequences.past();
    switch (cache.keys(layer)) {
      case KvStore.Dense keys -> {
        KvStore.Dense values = (KvStore.Dense) cache.values(layer);
        keys.append(past, k);
        values.append(past, v);
        attention.run(
            new CpuAttention.Call(
                heads, scores, sinks, sequences, q, keys.data(), values.data(), out));
      }
      case PackedKv keys -> {
        PackedKv values = (PackedKv) cache.values(layer);
        Recent lastKeys = keys.append(past, k, recentKeys);
        Recent lastValues = values.append(past, v, recentValues);
        boolean rotated = keys.format().rotated();
        CpuTensor asked = rotated ? rotated(q, heads.keyDim()) : q;
        share(
            new PackedCall(
                heads, scores, sinks, past, asked, keys, values, lastKeys, lastValues, out));
        if (rotated) {
          rotate(out, heads.valueDim());
        }
      }
    }
  }

  private void share(PackedCall call) {
    Heads heads = call.heads();
    int rows = call.q().rows();
    if (rows > CpuProducts.FEW_ROWS) {
      PackedTiles many = new PackedTiles(kernels, scratch, tiles, call);
      workers.run(heads.heads(), many::run);
      return;
    }
    PackedVectors few = new PackedVectors(kernels, scratch, tiles, call);
    // The heads of a key head are split only to give every thread some.
    int group = heads.heads() / heads.kvHeads();
    int parts = Math.min(group, Math.ceilDiv(workers.threads(), heads.kvHeads()));
    int together = Math.ceilDiv(group, parts);
    int sets = Math.ceilDiv(group, together);
    IntConsumer piece =
        p -> {
          int inGroup = p % sets * together;
          few.run(p / sets * group + inGroup, Math.min(together, group - inGroup));
        };
    long work =
        (long) heads.heads() * rows * (call.past() + rows) * (heads.keyDim() + heads.valueDim());
    int pieces = heads.kvHeads() * sets;
    if (work < ALONE) {
      for (int p = 0; p < pieces; p++) {
        piece.accept(p);
      }
    } else {
      workers.runBrief(pieces, piece);
    }
  }

  /// Bytes that are held beside the caches, without the scratch memory given.
  long bytes() {
    return tiles.bytes() + queries.bytes() + recentKeys.bytes() + recentValues.bytes();
  }

  private CpuTensor rotated(CpuTensor q, int width) {
    CpuTensor copy = CpuTensor.over(queries.floats((long) q.rows() * q.cols()), q);
    copy.data().copyFrom(q.data());
    rotate(copy, width);
    return copy;
  }

  private void rotate(CpuTensor x, int width) {
    int block = PackedKv.rotation(width);
    RowPieces.run(
        workers, x.rows(), r -> kernels.rows().hadamard(x.data(), x.offset(r), x.cols(), block));
  }

  @Override
  public void close() {
    tiles.close();
    queries.close();
    recentKeys.close();
    recentValues.close();
  }
}
