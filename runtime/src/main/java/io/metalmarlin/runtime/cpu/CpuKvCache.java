package io.metalmarlin.runtime.cpu;

import static java.util.Objects.requireNonNull;

import io.metalmarlin.runtime.backend.KvCache;
import io.metalmarlin.runtime.backend.Tensor;
import io.metalmarlin.runtime.cache.CacheFormat;
import io.metalmarlin.runtime.model.Heads;
import io.metalmarlin.runtime.model.ModelSpec;
import io.metalmarlin.runtime.model.Sequences;
import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Keys and values: per layer two stores, made when a layer first appends because only its mixer
/// knows the widths; and the states of recurrent mixers.
final class CpuKvCache implements KvCache {
  /// Makes the store of a layer's keys or values.
  @FunctionalInterface
  interface Stores {
    KvStore make(Arena memory, int capacity, int heads, int width);
  }

  private record StateKey(int layer, String name) {}

  private final int capacity;
  private final @Nullable CacheFormat format;
  private final Stores stores;
  private final Arena arena = Arena.ofShared();
  private final @Nullable KvStore[] keys;
  private final @Nullable KvStore[] values;
  private final int[] lengths;
  private final Map<StateKey, CpuTensor> states = new HashMap<>();
  private int length;

  /// @param format of what `stores` makes; null for fp32
  CpuKvCache(ModelSpec spec, int capacity, @Nullable CacheFormat format, Stores stores) {
    int layers = spec.blocks().size();
    this.capacity = capacity;
    this.format = format;
    this.stores = stores;
    this.keys = new @Nullable KvStore[layers];
    this.values = new @Nullable KvStore[layers];
    this.lengths = new int[layers];
  }

  /// Says that a layer, which holds `sequences.past()` tokens, gets more.
  void reserve(int layer, Sequences sequences, Heads heads) {
    int more = sequences.length();
    if (lengths[layer] != sequences.past() || sequences.past() + more > capacity) {
      throw new IllegalArgumentException(
          "layer %d holds %d of %d tokens; cannot append %d after %d"
              .formatted(layer, lengths[layer], capacity, more, sequences.past()));
    }
    if (keys[layer] == null) {
      keys[layer] = stores.make(arena, capacity, heads.kvHeads(), heads.keyDim());
      values[layer] = stores.make(arena, capacity, heads.kvHeads(), heads.valueDim());
    }
    lengths[layer] += more;
    length = lengths[layer];
  }

  KvStore keys(int layer) {
    return requireNonNull(keys[layer]);
  }

  KvStore values(int layer) {
    return requireNonNull(values[layer]);
  }

  @Override
  public @Nullable CacheFormat format() {
    return format;
  }

  @Override
  public long bytes() {
    return sum(KvStore::bytes);
  }

  @Override
  public long bytesPerToken() {
    return sum(KvStore::positionBytes);
  }

  private long sum(ToLongFunction<KvStore> bytes) {
    return Stream.concat(Arrays.stream(keys), Arrays.stream(values))
        .filter(Objects::nonNull)
        .mapToLong(bytes)
        .sum();
  }

  @Override
  public long stateBytes() {
    return states.values().stream().mapToLong(s -> s.data().byteSize()).sum();
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
