package io.metalmarlin.formats.container;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/// Small files that are there whole or not at all, even after a power cut.
public final class Durable {
  private Durable() {}

  /// Replaces `file` with `content`: written beside it, forced to the disk, renamed over it, folder
  /// entry forced.
  ///
  /// @throws io.metalmarlin.formats.MarlinException `DISK_FULL` or `OUTPUT_UNWRITABLE`
  public static void write(Path file, byte[] content) {
    Path temporary = file.resolveSibling(file.getFileName() + ".tmp");
    try {
      try (FileChannel channel =
          FileChannel.open(
              temporary,
              StandardOpenOption.CREATE,
              StandardOpenOption.TRUNCATE_EXISTING,
              StandardOpenOption.WRITE)) {
        ByteBuffer buffer = ByteBuffer.wrap(content);
        while (buffer.hasRemaining()) {
          channel.write(buffer);
        }
        channel.force(true);
      }
      Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw OutputFailure.of(file, e);
    }
    syncFolder(file.toAbsolutePath().getParent());
  }

  /// Forces a folder's entries (created, renamed and removed files) to the disk.
  ///
  /// @throws io.metalmarlin.formats.MarlinException `DISK_FULL` or `OUTPUT_UNWRITABLE`
  public static void syncFolder(Path folder) {
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    } catch (IOException e) {
      throw OutputFailure.of(folder, e);
    }
  }
}
