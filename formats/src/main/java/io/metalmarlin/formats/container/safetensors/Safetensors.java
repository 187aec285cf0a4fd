package io.metalmarlin.formats.container.safetensors;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.container.Checkpoint;
import io.metalmarlin.formats.container.CheckpointWriter;
import io.metalmarlin.formats.container.Container;
import io.metalmarlin.formats.container.MappedFile;
import io.metalmarlin.formats.container.Printable;
import io.metalmarlin.formats.container.safetensors.Header.Entry;
import io.metalmarlin.formats.tensor.TensorInfo;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/// safetensors: a single file, `model.safetensors`, or shards listed in
/// `model.safetensors.index.json`.
public final class Safetensors implements Container {
  public static final Safetensors INSTANCE = new Safetensors();

  static final String SINGLE_FILE = "model.safetensors";

  private Safetensors() {}

  @Override
  public String name() {
    return "safetensors";
  }

  @Override
  public boolean accepts(Path path) {
    if (Files.isDirectory(path)) {
      return Files.exists(path.resolve(SINGLE_FILE))
          || Files.exists(path.resolve(ShardIndex.FILE_NAME));
    }
    return path.toString().endsWith(".safetensors");
  }

  /// @throws SafetensorsException for a file that lies
  /// @throws MarlinException `FILE_MISSING` (also a missing shard), `FILE_UNREADABLE`,
  ///   `CONFIG_MALFORMED` for an index that does not match its shards
  @Override
  public Checkpoint open(Path path) {
    if (!Files.isDirectory(path)) {
      return new SafetensorsCheckpoint(path, List.of(MappedFile.open(path, HeaderReader.KIND)));
    }
    Path index = path.resolve(ShardIndex.FILE_NAME);
    if (!Files.exists(index)) {
      return new SafetensorsCheckpoint(
          path, List.of(MappedFile.open(path.resolve(SINGLE_FILE), HeaderReader.KIND)));
    }
    return openShards(path, index);
  }

  private static Checkpoint openShards(Path folder, Path index) {
    Map<String, String> map = ShardIndex.read(index).weightMap();
    TreeSet<String> names = new TreeSet<>(map.values());
    if (Files.exists(folder.resolve(SINGLE_FILE)) && !names.contains(SINGLE_FILE)) {
      throw ShardIndex.malformed(
          index,
          "lists shards, but " + SINGLE_FILE + " lies beside them: which of the two is the model?");
    }
    List<MappedFile<Header>> files = new ArrayList<>();
    for (String name : names) {
      Path shard = folder.resolve(name);
      if (!Files.exists(shard)) {
        throw new MarlinException(
            ErrorCode.FILE_MISSING,
            shard.toString(),
            "is missing, the index lists it as one of " + names.size() + " shards",
            "Fetch it; the checkpoint is incomplete.");
      }
      files.add(MappedFile.open(shard, HeaderReader.KIND));
    }
    checkIndex(index, map, files);
    return new SafetensorsCheckpoint(folder, files);
  }

  /// Each tensor must stand in the shard that the index names, and nowhere else.
  private static void checkIndex(
      Path index, Map<String, String> map, List<MappedFile<Header>> files) {
    int found = 0;
    for (MappedFile<Header> file : files) {
      String shard = file.path().getFileName().toString();
      for (Entry e : file.header().entries()) {
        String tensor = e.info().name();
        if (!shard.equals(map.get(tensor))) {
          throw ShardIndex.malformed(
              index,
              "%s holds tensor \"%s\", which the index %s"
                  .formatted(
                      shard,
                      Printable.of(tensor),
                      map.containsKey(tensor) ? "sends to " + map.get(tensor) : "does not list"));
        }
        found++;
      }
    }
    if (found != map.size()) {
      for (MappedFile<Header> file : files) {
        map = without(map, file);
      }
      Map.Entry<String, String> lost = map.entrySet().iterator().next();
      throw ShardIndex.malformed(
          index,
          "sends tensor \"%s\" to %s, which does not hold it"
              .formatted(Printable.of(lost.getKey()), lost.getValue()));
    }
  }

  private static Map<String, String> without(Map<String, String> map, MappedFile<Header> file) {
    Map<String, String> rest = new java.util.TreeMap<>(map);
    file.header().entries().forEach(e -> rest.remove(e.info().name()));
    return rest;
  }

  @Override
  public CheckpointWriter create(
      Path folder, List<TensorInfo> tensors, Map<String, String> metadata, long maxShardBytes) {
    return SafetensorsWriter.create(folder, tensors, metadata, maxShardBytes);
  }
}
