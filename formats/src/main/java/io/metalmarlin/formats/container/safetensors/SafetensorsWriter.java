package io.metalmarlin.formats.container.safetensors;

import io.metalmarlin.formats.container.CheckpointWriter;
import io.metalmarlin.formats.container.Durable;
import io.metalmarlin.formats.container.OutputFailure;
import io.metalmarlin.formats.container.PlannedFiles;
import io.metalmarlin.formats.tensor.TensorInfo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Creates the shards of a checkpoint and the index that names them.
final class SafetensorsWriter {
  private SafetensorsWriter() {}

  /// @param folder existing
  static CheckpointWriter create(
      Path folder, List<TensorInfo> tensors, Map<String, String> metadata, long maxShardBytes) {
    List<ShardLayout> shards = ShardLayout.plan(tensors, metadata, maxShardBytes);
    PlannedFiles files =
        new PlannedFiles(folder, shards.stream().map(ShardLayout::file).toList(), tensors);
    try {
      writeIndex(folder, shards);
      return files;
    } catch (RuntimeException e) {
      files.closeAfter(e);
      throw e;
    }
  }

  private static void writeIndex(Path folder, List<ShardLayout> shards) {
    Path index = folder.resolve(ShardIndex.FILE_NAME);
    try {
      if (shards.size() == 1) {
        Files.deleteIfExists(index);
        return;
      }
      TreeMap<String, String> map = new TreeMap<>();
      for (ShardLayout shard : shards) {
        shard.file().begin().keySet().forEach(name -> map.put(name, shard.file().fileName()));
      }
      long total = shards.stream().mapToLong(ShardLayout::dataSize).sum();
      byte[] bytes = new ShardIndex(total, map).bytes();
      if (!Files.exists(index) || !Arrays.equals(Files.readAllBytes(index), bytes)) {
        Durable.write(index, bytes);
      }
    } catch (IOException e) {
      throw OutputFailure.of(index, e);
    }
  }
}
