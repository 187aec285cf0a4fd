package io.metalmarlin.runtime.cpu.kernel;

import io.metalmarlin.runtime.cache.CacheFormat;
import java.lang.foreign.MemorySegment;

/// Reads rows of a cache.
public interface CacheKernel {
  /// Decodes `count` rows that stand one behind the other.
  ///
  /// @param rows the first row starts at byte `offset`
  /// @param out `[count, width]` floats from its beginning
  void decode(
      CacheFormat format, MemorySegment rows, long offset, int count, int width, MemorySegment out);
}
