package io.metalmarlin.runtime.hub;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.container.OutputFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// Deletes weights from the cache that marlin itself put there, and nothing else.
public final class OwnShards {
  private OwnShards() {}

  /// Why the files must not be deleted; empty when they may.
  ///
  /// @param files in a snapshot of the repository
  public static Optional<String> objection(Path cache, RepositoryName name, List<Path> files) {
    CacheLayout layout = new CacheLayout(cache, name);
    try {
      for (Path file : files) {
        if (!file.toAbsolutePath()
            .normalize()
            .startsWith(layout.repository().toAbsolutePath().normalize())) {
          return Optional.of(file + " does not lie in the cache " + cache);
        }
        if (Files.exists(file) && !OwnBlobs.owns(layout, file)) {
          return Optional.of(file.getFileName() + " was not put into the cache by marlin");
        }
        if (Files.exists(file) && shared(layout, file)) {
          return Optional.of(file.getFileName() + " belongs to another cached revision as well");
        }
      }
      return Optional.empty();
    } catch (IOException e) {
      throw unreadable(layout.repository(), e);
    }
  }

  /// Deletes the files that are there. One against which there is an [#objection] is left.
  ///
  /// @return the bytes that were freed
  /// @throws MarlinException `OUTPUT_UNWRITABLE`
  public static long delete(Path cache, RepositoryName name, List<Path> files) {
    CacheLayout layout = new CacheLayout(cache, name);
    long freed = 0;
    for (Path file : files) {
      try {
        if (Files.exists(file) && objection(cache, name, List.of(file)).isEmpty()) {
          Path real = file.toRealPath();
          freed += Files.size(real);
          OwnBlobs.forget(layout, real);
          Files.deleteIfExists(file);
          Files.deleteIfExists(real);
        }
      } catch (IOException e) {
        throw OutputFailure.of(file, e);
      }
    }
    return freed;
  }

  /// Whether a file of another snapshot leads to the same bytes.
  private static boolean shared(CacheLayout layout, Path file) throws IOException {
    Path real = file.toRealPath();
    Path mine = file.toAbsolutePath().normalize();
    try (var all = Files.walk(layout.repository().resolve("snapshots"))) {
      for (Path other : (Iterable<Path>) all.filter(Files::isRegularFile)::iterator) {
        if (!other.toAbsolutePath().normalize().equals(mine) && other.toRealPath().equals(real)) {
          return true;
        }
      }
    }
    return false;
  }

  private static MarlinException unreadable(Path folder, IOException e) {
    return new MarlinException(
        ErrorCode.FILE_UNREADABLE,
        folder.toString(),
        "cannot be read: " + e,
        "Check its permissions.",
        e);
  }
}
