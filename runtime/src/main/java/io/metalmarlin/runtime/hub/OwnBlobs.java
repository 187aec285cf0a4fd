package io.metalmarlin.runtime.hub;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;

/// Which files of the cache marlin itself fetched, so that it may delete them when it is asked to.
final class OwnBlobs {
  private OwnBlobs() {}

  /// Size, time and inode of a file: another one under the same name is not ours.
  static String identity(Path file) throws IOException {
    BasicFileAttributes a = Files.readAttributes(file, BasicFileAttributes.class);
    return "%d %d %s\n".formatted(a.size(), a.lastModifiedTime().toMillis(), a.fileKey());
  }

  /// Removes the note about a file that is about to be deleted.
  static void forget(CacheLayout layout, Path real) throws IOException {
    String identity = identity(real);
    try (var marks = Files.newDirectoryStream(layout.repository().resolve(".marlin"), "*.own")) {
      for (Path mark : marks) {
        if (Files.readString(mark).equals(identity)) {
          Files.delete(mark);
        }
      }
    }
  }

  /// Whether the file behind `pointer` was fetched by marlin.
  static boolean owns(CacheLayout layout, Path pointer) throws IOException {
    Path real = pointer.toRealPath();
    Path folder = layout.repository().resolve(".marlin");
    if (!Files.isDirectory(folder)) {
      return false;
    }
    String identity = identity(real);
    try (var marks = Files.newDirectoryStream(folder, "*.own")) {
      for (Path mark : marks) {
        if (Files.readString(mark).equals(identity)) {
          return true;
        }
      }
    }
    return false;
  }
}
