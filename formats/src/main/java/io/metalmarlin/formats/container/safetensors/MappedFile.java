package io.metalmarlin.formats.container.safetensors;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.container.safetensors.Header.Entry;
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
final class MappedFile {
  private final Path path;
  private final BasicFileAttributes opened;
  private final Header header;
  private @Nullable MemorySegment bytes;

  private MappedFile(Path path, BasicFileAttributes opened, Header header) {
    this.path = path;
    this.opened = opened;
    this.header = header;
  }

  /// Reads and checks the header; maps nothing.
  static MappedFile open(Path path) {
    try {
      BasicFileAttributes attributes = Files.readAttributes(path, BasicFileAttributes.class);
      if (!attributes.isRegularFile()) {
        throw new IOException("not a regular file");
      }
      try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
        return new MappedFile(
            path, attributes, HeaderReader.read(path, channel, attributes.size()));
      }
    } catch (IOException e) {
      throw unreadable(path, e);
    }
  }

  Path path() {
    return path;
  }

  Header header() {
    return header;
  }

  /// The tensor's region, mapped into `arena`.
  synchronized MemorySegment region(Entry entry, Arena arena) {
    try {
      checkUnchanged(Files.readAttributes(path, BasicFileAttributes.class));
      MemorySegment whole = bytes;
      if (whole == null) {
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
          whole = channel.map(FileChannel.MapMode.READ_ONLY, 0, opened.size(), arena);
        }
        bytes = whole;
      }
      return whole.asSlice(header.dataStart() + entry.begin(), entry.end() - entry.begin());
    } catch (IOException e) {
      throw unreadable(path, e);
    }
  }

  private void checkUnchanged(BasicFileAttributes now) {
    if (now.size() != opened.size()) {
      throw changed(opened.size() + " bytes", now.size() + " bytes");
    }
    if (!Objects.equals(now.fileKey(), opened.fileKey())) {
      throw changed("the file that was opened", "another one under its name");
    }
    if (!now.lastModifiedTime().equals(opened.lastModifiedTime())) {
      throw changed("time " + opened.lastModifiedTime(), "time " + now.lastModifiedTime());
    }
  }

  private SafetensorsException changed(String expected, String actual) {
    return new SafetensorsException(Fault.CHANGED, path, null, 0, expected, actual);
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
