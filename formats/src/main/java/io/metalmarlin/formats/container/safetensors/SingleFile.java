package io.metalmarlin.formats.container.safetensors;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.container.CheckpointWriter;
import io.metalmarlin.formats.tensor.TensorInfo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;

/// One safetensors file under a name of the caller's choice. It appears whole, when it is
/// committed, or not at all.
public final class SingleFile implements AutoCloseable {
  private final Path target;
  private final Path folder;
  private final CheckpointWriter writer;

  private SingleFile(Path target, Path folder, CheckpointWriter writer) {
    this.target = target;
    this.folder = folder;
    this.writer = writer;
  }

  /// @throws MarlinException `OUTPUT_UNWRITABLE`, `DISK_FULL`
  public static SingleFile create(
      Path file, List<TensorInfo> tensors, Map<String, String> metadata) {
    Path target = file.toAbsolutePath();
    Path folder = scratch(target);
    try {
      return new SingleFile(
          target, folder, Safetensors.INSTANCE.create(folder, tensors, metadata, Long.MAX_VALUE));
    } catch (MarlinException e) {
      remove(target, folder);
      throw e;
    }
  }

  public CheckpointWriter writer() {
    return writer;
  }

  /// Gives the file its name.
  ///
  /// @throws MarlinException `OUTPUT_UNWRITABLE`
  public void commit() {
    writer.commit();
    writer.close();
    try {
      Files.move(
          folder.resolve(Safetensors.SINGLE_FILE),
          target,
          StandardCopyOption.ATOMIC_MOVE,
          StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw unwritable(target, "cannot be replaced: " + e, e);
    }
  }

  @Override
  public void close() {
    writer.close();
    remove(target, folder);
  }

  private static void remove(Path target, Path folder) {
    try {
      Files.deleteIfExists(folder.resolve(Safetensors.SINGLE_FILE));
      Files.deleteIfExists(folder);
    } catch (IOException e) {
      throw unwritable(target, "its unfinished file cannot be removed: " + e, e);
    }
  }

  private static Path scratch(Path target) {
    try {
      return Files.createTempDirectory(target.getParent(), target.getFileName() + ".partial-");
    } catch (IOException e) {
      throw unwritable(target, "its folder cannot be written: " + e, e);
    }
  }

  private static MarlinException unwritable(Path target, String message, IOException e) {
    return new MarlinException(
        ErrorCode.OUTPUT_UNWRITABLE,
        target.toString(),
        message,
        "Create the folder, change its permissions, or choose another file.",
        e);
  }
}
