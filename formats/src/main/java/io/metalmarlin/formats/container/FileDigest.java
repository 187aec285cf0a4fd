package io.metalmarlin.formats.container;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.function.LongUnaryOperator;

/// What a file is, whether it lies here or not.
///
/// @param bytes its size
/// @param sha256 lower-case hexadecimal
public record FileDigest(long bytes, String sha256) {
  private static final int CHUNK = 1 << 20;

  /// Reads a whole file.
  ///
  /// @throws io.metalmarlin.formats.MarlinException `FILE_UNREADABLE`
  public static FileDigest of(Path file) {
    return of(file, at -> Long.MAX_VALUE);
  }

  /// Reads a file that is still being written, at its full size already.
  ///
  /// @param settled given a position, waits until bytes from it on are final, and answers where
  ///   those end
  /// @throws io.metalmarlin.formats.MarlinException `FILE_UNREADABLE`
  public static FileDigest of(Path file, LongUnaryOperator settled) {
    try (FileChannel channel = FileChannel.open(file)) {
      MessageDigest sha = MessageDigest.getInstance("SHA-256");
      ByteBuffer buffer = ByteBuffer.allocate(CHUNK);
      long size = channel.size();
      for (long at = 0, end = 0; at < size; ) {
        end = at < end ? end : Math.min(size, settled.applyAsLong(at));
        int read = channel.read(buffer.clear().limit((int) Math.min(CHUNK, end - at)), at);
        if (read < 0) {
          throw new IOException("it ends at byte " + at + " of " + size);
        }
        sha.update(buffer.flip());
        at += read;
      }
      return new FileDigest(size, HexFormat.of().formatHex(sha.digest()));
    } catch (IOException e) {
      throw InputFailure.of(file, e);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
