package io.metalmarlin.formats.container;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.function.Consumer;
import java.util.function.LongUnaryOperator;

/// The bytes of a file from its first to its last, for sums over them.
final class FileBytes {
  /// Small enough to lie in the second cache when it is summed.
  private static final int CHUNK = 256 << 10;

  private FileBytes() {}

  /// Hands them out, a piece at a time.
  ///
  /// @param settled given a position, waits until bytes from it on are final, and answers where
  ///   those end
  /// @return how many there were
  /// @throws io.metalmarlin.formats.MarlinException `FILE_UNREADABLE`
  static long each(Path file, LongUnaryOperator settled, Consumer<ByteBuffer> sum) {
    try (FileChannel channel = FileChannel.open(file)) {
      ByteBuffer buffer = ByteBuffer.allocateDirect(CHUNK);
      long size = channel.size();
      for (long at = 0, end = 0; at < size; ) {
        end = at < end ? end : Math.min(size, settled.applyAsLong(at));
        int read = channel.read(buffer.clear().limit((int) Math.min(CHUNK, end - at)), at);
        if (read < 0) {
          throw new IOException("it ends at byte " + at + " of " + size);
        }
        sum.accept(buffer.flip());
        at += read;
      }
      return size;
    } catch (IOException e) {
      throw InputFailure.of(file, e);
    }
  }
}
