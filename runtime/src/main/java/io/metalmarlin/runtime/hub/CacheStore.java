package io.metalmarlin.runtime.hub;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;

/// Puts files into the cache the way huggingface_hub does. What is there is never rewritten.
///
/// @param layout of the repository
/// @param commit of the snapshot
/// @param links make links, where the file system has them
record CacheStore(CacheLayout layout, String commit, boolean links) {
  private static final String TAG =
      "Signature: 8a477f597d28d172789f06886806bc55\n# Models from a hub; can be fetched again.\n";

  /// Whether every one of `paths` is there under its own name.
  boolean complete(List<String> paths) {
    return paths.stream().allMatch(p -> Files.exists(layout.pointer(commit, p)));
  }

  /// Whether the content is there, if only as a blob.
  ///
  /// @throws MarlinException `FILE_UNREADABLE` for a blob of another size
  boolean holds(HubFile file, List<String> paths) throws IOException {
    Path blob = layout.blob(file.etag());
    if (!Files.exists(blob)) {
      return complete(paths);
    }
    if (Files.size(blob) != file.size()) {
      throw new MarlinException(
          ErrorCode.FILE_UNREADABLE,
          blob.toString(),
          "has "
              + Files.size(blob)
              + " bytes, the hub lists "
              + file.size()
              + " for "
              + file.path(),
          "Delete it; the same command fetches it again.");
    }
    return true;
  }

  /// Gives the fetched file its name among the blobs, and notes that it is ours.
  void publish(HubFile file) throws IOException {
    Path blob = layout.blob(file.etag());
    Files.move(layout.incomplete(file.etag()), blob, StandardCopyOption.ATOMIC_MOVE);
    Files.deleteIfExists(layout.ranges(file.etag()));
    Files.createDirectories(layout.own(file.etag()).getParent());
    Files.writeString(layout.own(file.etag()), OwnBlobs.identity(blob));
  }

  /// Forgets what was fetched of a file.
  void discard(HubFile file) throws IOException {
    Files.deleteIfExists(layout.ranges(file.etag()));
    Files.deleteIfExists(layout.incomplete(file.etag()));
  }

  /// Makes the blob visible under `paths`.
  ///
  /// @param made the blob is new, so that nobody else refers to it
  void place(HubFile file, List<String> paths, boolean made) throws IOException {
    Path blob = layout.blob(file.etag());
    List<String> missing =
        paths.stream().filter(p -> !Files.exists(layout.pointer(commit, p))).toList();
    for (String path : missing) {
      Path pointer = layout.pointer(commit, path);
      Files.createDirectories(pointer.getParent());
      if (Files.isSymbolicLink(pointer)) {
        Files.delete(pointer); // it leads nowhere
      }
      if (links && linked(pointer, blob)) {
        continue;
      }
      boolean last = path.equals(missing.getLast());
      if (made && last) {
        Files.move(blob, pointer, StandardCopyOption.ATOMIC_MOVE);
        Files.writeString(layout.own(file.etag()), OwnBlobs.identity(pointer));
      } else {
        copy(blob, pointer);
      }
    }
  }

  /// Under its own name stands the whole file or none.
  private static void copy(Path blob, Path pointer) throws IOException {
    Path part = Files.createTempFile(pointer.getParent(), ".marlin", ".incomplete");
    try {
      Files.copy(blob, part, StandardCopyOption.REPLACE_EXISTING);
      Files.move(part, pointer, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(part);
    }
  }

  private static boolean linked(Path pointer, Path blob) throws IOException {
    Path target = pointer.toAbsolutePath().getParent().relativize(blob.toAbsolutePath());
    try {
      Files.createSymbolicLink(pointer, target);
      return true;
    } catch (FileAlreadyExistsException e) {
      return true;
    } catch (FileSystemException e) {
      // A file system without links says so in words of its own; what is wrong beyond that shows
      // when the file itself is put there.
      return false;
    }
  }

  /// Notes which commit the branch or tag stands for, once everything of it is there.
  void pointRef() throws IOException {
    Path whole = layout.whole(commit);
    if (!Files.exists(whole)) {
      Files.createDirectories(whole.getParent());
      Files.write(whole, new byte[0]);
    }
    if (layout.name().revision().equals(commit)) {
      return;
    }
    Path ref = layout.ref();
    if (Files.isRegularFile(ref) && Files.readString(ref).equals(commit)) {
      return;
    }
    Files.createDirectories(ref.getParent());
    Path temporary = Files.createTempFile(ref.getParent(), ".ref", ".tmp");
    Files.writeString(temporary, commit, StandardCharsets.US_ASCII);
    Files.move(temporary, ref, StandardCopyOption.ATOMIC_MOVE);
  }

  /// Tells backup programs that this is a cache.
  void tag() throws IOException {
    Files.createDirectories(layout.cache());
    Path tag = layout.cache().resolve("CACHEDIR.TAG");
    if (!Files.exists(tag, LinkOption.NOFOLLOW_LINKS)) {
      Files.writeString(tag, TAG);
    }
  }
}
