package io.metalmarlin.runtime.hub;

import java.util.Arrays;

/// One file of a repository at one commit.
///
/// @param path inside the repository, plain parts joined by `/`
/// @param size bytes
/// @param etag its name in the cache: the SHA-256 of a large file, the git blob id of a small one
record HubFile(String path, long size, String etag) {
  private static final int SHA256_LENGTH = 64;
  private static final int SHA1_LENGTH = 40;

  /// Whether the etag is a digest of the content.
  boolean digested() {
    return etag.matches("[0-9a-f]+")
        && (etag.length() == SHA256_LENGTH || etag.length() == SHA1_LENGTH);
  }

  boolean sha256() {
    return digested() && etag.length() == SHA256_LENGTH;
  }

  /// A path whose parts could lead out of a folder.
  static boolean leadsOut(String path) {
    return Arrays.stream(path.split("/", -1))
        .anyMatch(part -> part.isEmpty() || part.equals(".") || part.equals(".."));
  }

  /// A path of characters that every file system takes for those of a name.
  static boolean plainPath(String path) {
    return !leadsOut(path)
        && path.chars().noneMatch(c -> c < 0x20 || c == '\\' || c == ':' || c == 0x7f);
  }

  /// An etag that is one plain file name.
  static boolean plainEtag(String etag) {
    return etag.matches("[A-Za-z0-9_][A-Za-z0-9._-]{0,127}");
  }
}
