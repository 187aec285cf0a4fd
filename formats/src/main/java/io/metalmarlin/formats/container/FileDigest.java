package io.metalmarlin.formats.container;

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
      long size = FileBytes.each(file, settled, sha::update);
      return new FileDigest(size, HexFormat.of().formatHex(sha.digest()));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
