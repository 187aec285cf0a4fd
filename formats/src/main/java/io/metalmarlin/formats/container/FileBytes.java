package io.metalmarlin.formats.container;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.function.LongUnaryOperator;

/// The bytes of a file from its first to its last, for sums over them.
final class FileBytes {
  /// A sum of bytes.
  interface Sum {
    /// Adds the first `length` bytes of an array.
    void update(byte[] bytes, int from, int length);
  }

  /// Small enough to lie in the second cache when it is summed.
  private static final int CHUNK = 64 << 10;

  /// So much is mapped at a time: reading a file costs the kernel a copy of each page, and mapping
  /// it a table entry. No more, because mapped pages are the last that it gives up.
  private static final long WINDOW = 32L << 20;

  private FileBytes() {}

  /// Hands them out, a piece at a time.
  ///
  /// @param settled given a position, waits until bytes from it on are final, and answers where
  ///   those end
  /// @return how many there were
  /// @throws io.metalmarlin.formats.MarlinException `FILE_UNREADABLE`
  static long each(Path file, LongUnaryOperator settled, Sum sum) {
    try (FileChannel channel = FileChannel.open(file)) {
      byte[] buffer = new byte[CHUNK];
      long size = channel.size();
      for (long at = 0, end = 0; at < size; ) {
        end = at < end ? end : Math.min(size, settled.applyAsLong(at));
        long window = Math.min(WINDOW, end - at);
        if (channel.size() < at + window) {
          throw new IOException("it ends before byte " + (at + window) + " of " + size);
        }
        try (Arena arena = Arena.ofConfined()) {
          each(channel.map(FileChannel.MapMode.READ_ONLY, at, window, arena), buffer, sum);
        }
        at += window;
      }
      return size;
    } catch (IOException e) {
      throw InputFailure.of(file, e);
    }
  }

  private static void each(MemorySegment window, byte[] buffer, Sum sum) {
    for (long at = 0; at < window.byteSize(); at += CHUNK) {
      int length = (int) Math.min(CHUNK, window.byteSize() - at);
      MemorySegment.copy(window, ValueLayout.JAVA_BYTE, at, buffer, 0, length);
      sum.update(buffer, 0, length);
    }
  }
}
