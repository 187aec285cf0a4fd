package io.metalmarlin.quant.convert;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import org.jspecify.annotations.Nullable;

/// One block of memory that is handed out from its beginning, again after each [#reset]. What does
/// not fit gets memory of its own until then, and the block grows for the next time.
final class Scratch implements SegmentAllocator, AutoCloseable {
  private static final int ALIGNMENT = 64;

  private Arena block = Arena.ofShared();
  private MemorySegment memory = MemorySegment.NULL;
  private @Nullable Arena more;
  private long used;

  @Override
  public MemorySegment allocate(long bytes, long alignment) {
    long at = Math.ceilDiv(used, ALIGNMENT) * ALIGNMENT;
    used = at + bytes;
    if (used <= memory.byteSize()) {
      return memory.asSlice(at, bytes);
    }
    more = more == null ? Arena.ofShared() : more;
    return more.allocate(bytes, ALIGNMENT);
  }

  /// Takes everything back.
  ///
  /// @param kept a block larger than this is given up
  void reset(long kept) {
    if (more != null) {
      more.close();
      more = null;
      block.close();
      block = Arena.ofShared();
      memory = used <= kept ? block.allocate(used, ALIGNMENT) : MemorySegment.NULL;
    }
    used = 0;
  }

  @Override
  public void close() {
    if (more != null) {
      more.close();
    }
    block.close();
  }
}
