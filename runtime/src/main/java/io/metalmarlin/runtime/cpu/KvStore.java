package io.metalmarlin.runtime.cpu;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;

/// What a layer remembers: its keys or its values.
sealed interface KvStore permits KvStore.Dense, PackedKv {
  /// Bytes allocated.
  long bytes();

  /// Bytes of them that a position takes.
  long positionBytes();

  /// fp32 rows as they come, `[capacity, width of all heads]`.
  record Dense(MemorySegment data, long positionBytes) implements KvStore {
    static Dense allocate(SegmentAllocator memory, int capacity, int heads, int width) {
      long row = 4L * heads * width;
      return new Dense(memory.allocate(capacity * row, 64), row);
    }

    void append(int past, CpuTensor x) {
      MemorySegment.copy(x.data(), 0, data, 4L * past * x.cols(), x.data().byteSize());
    }

    @Override
    public long bytes() {
      return data.byteSize();
    }
  }
}
