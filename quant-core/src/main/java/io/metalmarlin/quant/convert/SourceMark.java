package io.metalmarlin.quant.convert;

import io.metalmarlin.formats.container.Checkpoint;
import io.metalmarlin.formats.container.FileDigest;
import io.metalmarlin.formats.container.FileSum;
import io.metalmarlin.formats.container.InputFailure;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Pattern;
import tools.jackson.databind.node.ObjectNode;

/// By what a manifest knows a file of the source again. Moving planes costs less than a sha256 of
/// them, so that is not taken of the source unless asked for: the CRC32C of what was read finds a
/// damaged, an edited and another file, and where the file lies in the Hub's cache its name there
/// is the sha256 that the Hub lists.
///
/// @param sha256 found by reading the file in this run or when it was downloaded
/// @param crc32c found by reading the file
/// @param hubSha256 the name of the file in the Hub's cache, not compared with its bytes
record SourceMark(
    String name,
    long bytes,
    Optional<String> sha256,
    Optional<String> crc32c,
    Optional<String> hubSha256) {
  private static final Pattern SHA256 = Pattern.compile("[0-9a-f]{64}");

  /// Others wait for so much of a file at most.
  private static final long PIECE = 32L << 20;

  /// Reads a file, unless the checkpoint knows its digest.
  ///
  /// @param digest whether the sha256 is wanted
  /// @param pause called after each piece where it is not: a sum that takes a tenth of the time
  ///   need not be found in one go
  /// @throws io.metalmarlin.formats.MarlinException `FILE_UNREADABLE`
  static SourceMark of(Checkpoint checkpoint, Path file, boolean digest, Runnable pause) {
    Optional<FileDigest> known = checkpoint.digest(file);
    String name = file.getFileName().toString();
    if (known.isPresent() || digest) {
      FileDigest d = known.orElseGet(() -> FileDigest.of(file));
      return new SourceMark(
          name, d.bytes(), Optional.of(d.sha256()), Optional.empty(), Optional.empty());
    }
    FileSum sum =
        FileSum.of(
            file,
            at -> {
              pause.run();
              return at + PIECE;
            });
    return new SourceMark(
        name, sum.bytes(), Optional.empty(), Optional.of(sum.crc32c()), hubName(file));
  }

  /// Large files lie in `blobs/` under their sha256, and a snapshot holds links to them.
  private static Optional<String> hubName(Path file) {
    try {
      Path blob = file.toRealPath();
      Path folder = blob.getParent();
      String name = blob.getFileName().toString();
      return folder != null && folder.endsWith("blobs") && SHA256.matcher(name).matches()
          ? Optional.of(name)
          : Optional.empty();
    } catch (IOException e) {
      throw InputFailure.of(file, e);
    }
  }

  void write(ObjectNode entry) {
    entry.put("file", name).put("bytes", bytes);
    sha256.ifPresent(s -> entry.put("sha256", s));
    crc32c.ifPresent(s -> entry.put("crc32c", s));
    hubSha256.ifPresent(s -> entry.put("hub_sha256", s));
  }
}
