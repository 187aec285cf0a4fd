package io.metalmarlin.formats.container.safetensors;

import io.metalmarlin.formats.container.CheckpointWriter;
import io.metalmarlin.formats.container.Durable;
import io.metalmarlin.formats.container.OutputFailure;
import io.metalmarlin.formats.tensor.TensorInfo;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Fills the files of a planned checkpoint in any order. Headers, sizes and index stand from the
/// start.
final class SafetensorsWriter implements CheckpointWriter {
  private record Slot(ShardFile file, long begin, long size) {}

  private final Path folder;
  private final List<ShardFile> files = new ArrayList<>();
  private final Map<String, Slot> slots = new HashMap<>();
  private volatile boolean committed;

  /// @param folder existing
  SafetensorsWriter(
      Path folder, List<TensorInfo> tensors, Map<String, String> metadata, long maxShardBytes) {
    this.folder = folder;
    List<ShardLayout> shards = ShardLayout.plan(tensors, metadata, maxShardBytes);
    Map<String, Long> sizes = new HashMap<>();
    tensors.forEach(t -> sizes.put(t.name(), t.byteSize()));
    try {
      for (ShardLayout shard : shards) {
        ShardFile file = ShardFile.open(folder.resolve(shard.fileName()), shard);
        files.add(file);
        shard.begin().forEach((name, at) -> slots.put(name, new Slot(file, at, sizes.get(name))));
      }
      writeIndex(shards);
    } catch (RuntimeException e) {
      closeAfter(e);
      throw e;
    }
    if (slots.size() != tensors.size()) {
      close();
      throw new IllegalArgumentException("a tensor is listed twice");
    }
  }

  private void writeIndex(List<ShardLayout> shards) {
    Path index = folder.resolve(ShardIndex.FILE_NAME);
    try {
      if (shards.size() == 1) {
        Files.deleteIfExists(index);
        return;
      }
      TreeMap<String, String> map = new TreeMap<>();
      for (ShardLayout shard : shards) {
        shard.begin().keySet().forEach(name -> map.put(name, shard.fileName()));
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

  @Override
  public void write(String tensor, long offset, MemorySegment bytes) {
    if (committed) {
      throw new IllegalStateException("already committed");
    }
    Slot slot = slots.get(tensor);
    if (slot == null) {
      throw new IllegalArgumentException("tensor \"" + tensor + "\" was not planned");
    }
    if (offset < 0 || bytes.byteSize() > slot.size - offset) {
      throw new IllegalArgumentException(
          "%s: %d bytes at %d do not fit into %d"
              .formatted(tensor, bytes.byteSize(), offset, slot.size));
    }
    slot.file.write(slot.begin + offset, bytes);
  }

  @Override
  public void sync() {
    files.forEach(ShardFile::sync);
  }

  @Override
  public void commit() {
    sync();
    Durable.syncFolder(folder);
    committed = true;
  }

  @Override
  public void close() {
    files.forEach(ShardFile::close);
  }

  private void closeAfter(RuntimeException first) {
    try {
      close();
    } catch (RuntimeException e) {
      first.addSuppressed(e);
    }
  }
}
