package io.metalmarlin.runtime.hub;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;

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
    for (Path mark : marks(layout, real)) {
      Files.delete(mark);
    }
  }

  /// Whether the file behind `pointer` was fetched by marlin.
  static boolean owns(CacheLayout layout, Path pointer) throws IOException {
    return !marks(layout, pointer.toRealPath()).isEmpty();
  }

  /// The notes about a file.
  private static List<Path> marks(CacheLayout layout, Path real) throws IOException {
    Path folder = layout.repository().resolve(".marlin");
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    String identity = identity(real);
    List<Path> about = new ArrayList<>();
    try (var marks = Files.newDirectoryStream(folder, "*.own")) {
      for (Path mark : marks) {
        if (Files.readString(mark).equals(identity)) {
          about.add(mark);
        }
      }
    }
    return about;
  }
}
