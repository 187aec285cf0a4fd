package io.metalmarlin.formats.container;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// One file of a checkpoint: its checked header, and its bytes mapped when first asked for.
///
/// Reading a mapped file that has shrunk is a fault, not an exception: so the file's size, identity
/// and time are compared with those at opening before each tensor is handed out. Someone who still
/// writes a checkpoint opens it anew after each write.
///
/// @param <H> what the header says
public final class MappedFile<H> {
  /// What one kind of file knows about its headers.
  ///
  /// @param <H> what the header says
  public interface Kind<H> {
    /// Reads and checks the header of a file of `size` bytes.
    ///
    /// @throws MarlinException for a file that lies
    H read(Path file, FileChannel channel, long size) throws IOException;

    /// The error for a file that is no longer the one that was opened.
    MarlinException changed(Path file, String expected, String actual);
  }

  private final Path path;
  private final Kind<H> kind;
  private final BasicFileAttributes opened;
  private final H header;
  private @Nullable MemorySegment bytes;

  private MappedFile(Path path, Kind<H> kind, BasicFileAttributes opened, H header) {
    this.path = path;
    this.kind = kind;
    this.opened = opened;
    this.header = header;
  }

  /// Reads and checks the header; maps nothing.
  ///
  /// @throws MarlinException `FILE_MISSING`, `FILE_UNREADABLE` and whatever the kind says
  public static <H> MappedFile<H> open(Path path, Kind<H> kind) {
    try {
      BasicFileAttributes attributes = Files.readAttributes(path, BasicFileAttributes.class);
      if (!attributes.isRegularFile()) {
        throw new IOException("not a regular file");
      }
      try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
        H header = kind.read(path, channel, attributes.size());
        return new MappedFile<>(path, kind, attributes, header);
      }
    } catch (IOException e) {
      throw unreadable(path, e);
    }
  }

  public Path path() {
    return path;
  }

  public H header() {
    return header;
  }

  /// `size` bytes from byte `begin` of the file on, mapped into `arena`. The caller has checked
  /// that they lie in the file that was opened.
  ///
  /// @throws MarlinException when the file has changed or is gone
  public synchronized MemorySegment region(long begin, long size, Arena arena) {
    try {
      checkUnchanged(Files.readAttributes(path, BasicFileAttributes.class));
      MemorySegment whole = bytes;
      if (whole == null) {
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
          whole = channel.map(FileChannel.MapMode.READ_ONLY, 0, opened.size(), arena);
        }
        bytes = whole;
      }
      return whole.asSlice(begin, size);
    } catch (IOException e) {
      throw unreadable(path, e);
    }
  }

  private void checkUnchanged(BasicFileAttributes now) {
    if (now.size() != opened.size()) {
      throw kind.changed(path, opened.size() + " bytes", now.size() + " bytes");
    }
    if (!Objects.equals(now.fileKey(), opened.fileKey())) {
      throw kind.changed(path, "the file that was opened", "another one under its name");
    }
    if (!now.lastModifiedTime().equals(opened.lastModifiedTime())) {
      throw kind.changed(
          path, "time " + opened.lastModifiedTime(), "time " + now.lastModifiedTime());
    }
  }

  private static MarlinException unreadable(Path path, IOException e) {
    if (e instanceof NoSuchFileException) {
      return new MarlinException(
          ErrorCode.FILE_MISSING,
          path.toString(),
          "is missing",
          "Check the path; fetch the file if the checkpoint is incomplete.",
          e);
    }
    return new MarlinException(
        ErrorCode.FILE_UNREADABLE,
        path.toString(),
        "cannot be read: " + e.getMessage(),
        "Check the file and its permissions.",
        e);
  }
}
