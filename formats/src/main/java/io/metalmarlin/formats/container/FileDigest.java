package io.metalmarlin.formats.container;

import java.nio.ByteBuffer;
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
  /// Small enough to lie in the second cache when it is summed.
  private static final int CHUNK = 64 << 10;

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
    try {
      MessageDigest sha = MessageDigest.getInstance("SHA-256");
      byte[] buffer = new byte[CHUNK];
      long size = FileBytes.each(file, settled, piece -> update(sha, piece, buffer));
      return new FileDigest(size, HexFormat.of().formatHex(sha.digest()));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /// Mapped memory has no array, and a digest would take pieces of four kilobytes.
  private static void update(MessageDigest sha, ByteBuffer piece, byte[] buffer) {
    while (piece.hasRemaining()) {
      int length = Math.min(CHUNK, piece.remaining());
      piece.get(buffer, 0, length);
      sha.update(buffer, 0, length);
    }
  }
}
