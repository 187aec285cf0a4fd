package io.metalmarlin.runtime.cpu.scalar;

import io.metalmarlin.runtime.cache.CacheFormat;
import io.metalmarlin.runtime.cache.CacheRows;
import io.metalmarlin.runtime.cpu.kernel.CacheKernel;
import java.lang.foreign.MemorySegment;

/// Rows of a cache, value by value.
public final class ScalarCacheRows implements CacheKernel {
  @Override
  public void decode(
      CacheFormat format,
      MemorySegment rows,
      long offset,
      int count,
      int width,
      MemorySegment out) {
    for (int r = 0; r < count; r++) {
      long row = offset + (long) r * format.bytes(width);
      CacheRows.decode(format, rows, row, 0, width, out, 4L * r * width);
    }
  }
}
