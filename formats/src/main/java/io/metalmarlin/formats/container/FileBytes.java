package io.metalmarlin.formats.container;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.function.Consumer;
import java.util.function.LongUnaryOperator;

/// The bytes of a file from its first to its last, for sums over them.
final class FileBytes {
  /// So much is mapped at a time: reading a file costs the kernel a copy of each page, and mapping
  /// it a table entry. No more, because mapped pages are the last that it gives up.
  private static final long WINDOW = 32L << 20;

  private FileBytes() {}

  /// Hands them out, a piece at a time.
  ///
  /// @param settled given a position, waits until bytes from it on are final, and answers where
  ///   those end; asked before each piece, when all before it are summed and mapped no more
  /// @param sum takes a piece of mapped memory
  /// @return how many there were
  /// @throws io.metalmarlin.formats.MarlinException `FILE_UNREADABLE`
  static long each(Path file, LongUnaryOperator settled, Consumer<ByteBuffer> sum) {
    try (FileChannel channel = FileChannel.open(file)) {
      long size = channel.size();
      for (long at = 0; at < size; ) {
        long window = Math.min(WINDOW, Math.min(size, settled.applyAsLong(at)) - at);
        if (channel.size() < at + window) {
          throw new IOException("it ends before byte " + (at + window) + " of " + size);
        }
        try (Arena arena = Arena.ofConfined()) {
          sum.accept(channel.map(FileChannel.MapMode.READ_ONLY, at, window, arena).asByteBuffer());
        }
        at += window;
      }
      return size;
    } catch (IOException e) {
      throw InputFailure.of(file, e);
    }
  }
}
