package io.metalmarlin.runtime.hub;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/// Whether a file is what its etag says: SHA-256 of its bytes, or git's blob id (SHA-1 of a header
/// and its bytes).
final class Checksum {
  private static final int BUFFER = 1 << 20;

  private Checksum() {}

  /// The digest of `file` of the kind that the etag is.
  static String of(Path file, HubFile blob, Stop stop) throws IOException {
    MessageDigest digest = digest(blob.sha256() ? "SHA-256" : "SHA-1");
    if (!blob.sha256()) {
      digest.update(("blob " + blob.size() + "\0").getBytes(StandardCharsets.US_ASCII));
    }
    byte[] buffer = new byte[BUFFER];
    try (InputStream in = Files.newInputStream(file)) {
      for (int n; (n = in.read(buffer)) > 0; ) {
        digest.update(buffer, 0, n);
        stop.check();
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  private static MessageDigest digest(String algorithm) {
    try {
      return MessageDigest.getInstance(algorithm);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has " + algorithm, e);
    }
  }
}
