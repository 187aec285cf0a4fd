package io.metalmarlin.runtime.cpu;

import io.metalmarlin.runtime.backend.KvCache;
import io.metalmarlin.runtime.model.ModelSpec;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// fp32 keys and values: per layer two arrays `[capacity, kvHeads * headDim]`.
final class CpuKvCache implements KvCache {
  private final int capacity;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment[] keys;
  private final MemorySegment[] values;
  private final int[] lengths;
  private long bytes;

  CpuKvCache(ModelSpec spec, int capacity) {
    int layers = spec.blocks().size();
    this.capacity = capacity;
    this.keys = new MemorySegment[layers];
    this.values = new MemorySegment[layers];
    this.lengths = new int[layers];
    for (ModelSpec.Block b : spec.blocks()) {
      long size = 4L * capacity * b.attention().k().out();
      keys[b.index()] = arena.allocate(size, 64);
      values[b.index()] = arena.allocate(size, 64);
      bytes += 2 * size;
    }
  }

  /// Appends the rows of `k` and `v` to a layer that holds `past` tokens.
  void append(int layer, int past, CpuTensor k, CpuTensor v) {
    if (lengths[layer] != past || past + k.rows() > capacity) {
      throw new IllegalArgumentException(
          "layer %d holds %d of %d tokens; cannot append %d after %d"
              .formatted(layer, lengths[layer], capacity, k.rows(), past));
    }
    long at = 4L * past * k.cols();
    MemorySegment.copy(k.data(), 0, keys[layer], at, k.data().byteSize());
    MemorySegment.copy(v.data(), 0, values[layer], at, v.data().byteSize());
    lengths[layer] = past + k.rows();
  }

  MemorySegment keys(int layer) {
    return keys[layer];
  }

  MemorySegment values(int layer) {
    return values[layer];
  }

  @Override
  public int length() {
    return lengths[lengths.length - 1];
  }

  @Override
  public int capacity() {
    return capacity;
  }

  @Override
  public long byteSize() {
    return bytes;
  }

  @Override
  public void close() {
    arena.close();
  }
}
