package io.metalmarlin.formats.container.gguf;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.container.CheckpointWriter;
import io.metalmarlin.formats.container.Container;
import io.metalmarlin.formats.container.PlannedFiles;
import io.metalmarlin.formats.tensor.TensorInfo;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// GGUF, the container of ggml and llama.cpp: a file, the parts of a split file, or a folder with
/// exactly one of these.
public final class Gguf implements Container {
  public static final Gguf INSTANCE = new Gguf();

  /// The name of the file in a folder that only holds the model.
  public static final String FILE_NAME = "model.gguf";

  private static final byte[] MAGIC = "GGUF".getBytes(StandardCharsets.US_ASCII);

  private Gguf() {}

  @Override
  public String name() {
    return "gguf";
  }

  /// A folder with a `.gguf` file, a file of that name, or one that begins with the magic.
  @Override
  public boolean accepts(Path path) {
    if (Files.isDirectory(path)) {
      return !Parts.list(path).isEmpty();
    }
    return path.toString().endsWith(Parts.SUFFIX) || hasMagic(path);
  }

  private static boolean hasMagic(Path path) {
    try (InputStream in = Files.newInputStream(path)) {
      return Arrays.equals(in.readNBytes(MAGIC.length), MAGIC);
    } catch (IOException e) {
      throw new MarlinException(
          ErrorCode.FILE_UNREADABLE,
          path.toString(),
          "cannot be read: " + e.getMessage(),
          "Check the file and its permissions.",
          e);
    }
  }

  /// @throws GgufException for a file that lies
  /// @throws MarlinException `FILE_MISSING` (also a missing part), `FILE_UNREADABLE`,
  ///   `REFUSED_FORMAT` for a folder with several models
  @Override
  public GgufCheckpoint open(Path path) {
    Path file = Files.isDirectory(path) ? Parts.only(path) : path;
    return new GgufCheckpoint(path, Parts.open(file));
  }

  /// Creates `folder/model.gguf` with every value as a string. A model needs typed values: see
  /// [#create(Path, List, GgufMetadata, long)].
  @Override
  public CheckpointWriter create(
      Path folder, List<TensorInfo> tensors, Map<String, String> metadata, long maxShardBytes) {
    LinkedHashMap<String, GgufValue> values = new LinkedHashMap<>();
    metadata.forEach((key, value) -> values.put(key, GgufValue.of(value)));
    return create(
        folder.resolve(FILE_NAME),
        tensors,
        new GgufMetadata(folder.toString(), values),
        maxShardBytes);
  }

  /// Creates a little-endian file of version 3 with the tensors in the order given, and metadata in
  /// its own; `general.alignment` is obeyed. Where the data is larger than `maxPartBytes` it
  /// becomes several files `NAME-00001-of-0000N.gguf`, the first with all metadata. Opening again
  /// over files of the same layout keeps what was already written (resume).
  ///
  /// @param file in an existing folder, with a name that ends in `.gguf`
  /// @throws IllegalArgumentException for tensors and values that no GGUF file can hold
  /// @throws MarlinException `OUTPUT_UNWRITABLE` or `DISK_FULL`
  public CheckpointWriter create(
      Path file, List<TensorInfo> tensors, GgufMetadata metadata, long maxPartBytes) {
    Path folder = file.toAbsolutePath().getParent();
    return new PlannedFiles(
        folder, PartLayout.plan(file, tensors, metadata, maxPartBytes), tensors);
  }
}
