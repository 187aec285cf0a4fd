package io.metalmarlin.runtime.cpu;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/// One growing piece of native memory per thread, so that steady state allocates nothing.
final class Scratch implements AutoCloseable {
  private static final class Buffer {
    @Nullable Arena arena;
    MemorySegment memory = MemorySegment.NULL;
  }

  private final Queue<Buffer> all = new ConcurrentLinkedQueue<>();
  private final ThreadLocal<Buffer> mine =
      ThreadLocal.withInitial(() -> {
        Buffer b = new Buffer();
        all.add(b);
        return b;
      });

  /// At least `floats` floats of this thread, with whatever they held before; valid until the
  /// thread asks again.
  MemorySegment floats(long floats) {
    Buffer b = mine.get();
    if (b.memory.byteSize() < 4 * floats) {
      if (b.arena != null) {
        b.arena.close();
      }
      b.arena = Arena.ofShared();
      b.memory = b.arena.allocate(4 * floats, 64);
    }
    return b.memory;
  }

  /// Bytes held for all threads.
  long bytes() {
    return all.stream().mapToLong(b -> b.memory.byteSize()).sum();
  }

  @Override
  public void close() {
    for (Buffer b : all) {
      if (b.arena != null) {
        b.arena.close();
      }
    }
  }
}
