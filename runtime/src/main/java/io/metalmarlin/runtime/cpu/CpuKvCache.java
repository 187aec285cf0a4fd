package io.metalmarlin.runtime.cpu;

import io.metalmarlin.runtime.backend.KvCache;
import io.metalmarlin.runtime.backend.Tensor;
import io.metalmarlin.runtime.model.ModelSpec;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// fp32 keys and values: per layer two arrays `[capacity, width]`, made when a layer first appends
/// because only its mixer knows the widths; and the states of recurrent mixers.
final class CpuKvCache implements KvCache {
  private record StateKey(int layer, String name) {}

  private final int capacity;
  private final Arena arena = Arena.ofShared();
  private final @Nullable MemorySegment[] keys;
  private final @Nullable MemorySegment[] values;
  private final int[] lengths;
  private final Map<StateKey, CpuTensor> states = new HashMap<>();
  private int length;

  CpuKvCache(ModelSpec spec, int capacity) {
    int layers = spec.blocks().size();
    this.capacity = capacity;
    this.keys = new @Nullable MemorySegment[layers];
    this.values = new @Nullable MemorySegment[layers];
    this.lengths = new int[layers];
  }

  /// Appends the rows of `k` and `v` to a layer that holds `past` tokens.
  void append(int layer, int past, CpuTensor k, CpuTensor v) {
    if (lengths[layer] != past || past + k.rows() > capacity) {
      throw new IllegalArgumentException(
          "layer %d holds %d of %d tokens; cannot append %d after %d"
              .formatted(layer, lengths[layer], capacity, k.rows(), past));
    }
    if (keys[layer] == null) {
      keys[layer] = allocate(k.cols());
      values[layer] = allocate(v.cols());
    }
    MemorySegment.copy(k.data(), 0, keys(layer), 4L * past * k.cols(), k.data().byteSize());
    MemorySegment.copy(v.data(), 0, values(layer), 4L * past * v.cols(), v.data().byteSize());
    lengths[layer] = past + k.rows();
    length = lengths[layer];
  }

  private MemorySegment allocate(int cols) {
    return arena.allocate(4L * capacity * cols, 64);
  }

  MemorySegment keys(int layer) {
    return java.util.Objects.requireNonNull(keys[layer]);
  }

  MemorySegment values(int layer) {
    return java.util.Objects.requireNonNull(values[layer]);
  }

  @Override
  public Tensor state(int layer, String name, int rows, int cols) {
    return states.computeIfAbsent(new StateKey(layer, name), key -> CpuTensor.allocate(rows, cols));
  }

  @Override
  public int length() {
    return length;
  }

  /// A state of a recurrent mixer has no way back, and where no layer has keys nobody knows how
  /// many tokens the states have seen.
  @Override
  public boolean truncate(int length) {
    if (!states.isEmpty()) {
      return length > 0 && length == this.length;
    }
    if (length < 0 || length > this.length) {
      throw new IllegalArgumentException(
          "cannot keep %d of %d tokens".formatted(length, this.length));
    }
    for (int i = 0; i < lengths.length; i++) {
      lengths[i] = Math.min(lengths[i], length);
    }
    this.length = length;
    return true;
  }

  @Override
  public int capacity() {
    return capacity;
  }

  @Override
  public void close() {
    states.values().forEach(CpuTensor::close);
    arena.close();
  }
}
