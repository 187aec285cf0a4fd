package io.metalmarlin.formats.container.safetensors;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.container.Checkpoint;
import io.metalmarlin.formats.container.MappedFile;
import io.metalmarlin.formats.container.safetensors.Header.Entry;
import io.metalmarlin.formats.tensor.TensorInfo;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeMap;

/// One file or the shards of an index, headers checked, each file mapped when its first tensor is
/// asked for. Usable from any thread; a segment dies with [#close].
final class SafetensorsCheckpoint implements Checkpoint {
  private record Located(MappedFile<Header> file, Entry entry) {}

  private final Path path;
  private final Arena arena = Arena.ofShared();
  private final List<MappedFile<Header>> files;
  private final Map<String, Located> located = new HashMap<>();
  private final SequencedMap<String, TensorInfo> tensors = new LinkedHashMap<>();
  private final Map<String, String> metadata = new TreeMap<>();

  /// @param path what the user named, for messages
  /// @param files in name order; no tensor stands in two of them
  SafetensorsCheckpoint(Path path, List<MappedFile<Header>> files) {
    this.path = path;
    this.files = List.copyOf(files);
    for (MappedFile<Header> file : this.files) {
      for (Entry entry : file.header().entries()) {
        tensors.put(entry.info().name(), entry.info());
        located.put(entry.info().name(), new Located(file, entry));
      }
      file.header().metadata().forEach(metadata::putIfAbsent);
    }
  }

  @Override
  public SequencedMap<String, TensorInfo> tensors() {
    return Collections.unmodifiableSequencedMap(tensors);
  }

  @Override
  public MemorySegment bytes(String name) {
    Located at = locate(name);
    return at.file.region(
        at.file.header().dataStart() + at.entry.begin(), at.entry.end() - at.entry.begin(), arena);
  }

  @Override
  public Path file(String name) {
    return locate(name).file.path();
  }

  @Override
  public List<Path> files() {
    return files.stream().map(MappedFile::path).toList();
  }

  @Override
  public Map<String, String> metadata() {
    return Collections.unmodifiableMap(metadata);
  }

  @Override
  public void close() {
    if (arena.scope().isAlive()) {
      arena.close();
    }
  }

  private Located locate(String name) {
    Located at = located.get(name);
    if (at == null) {
      throw new MarlinException(
          ErrorCode.TENSOR_MISSING,
          path.toString(),
          "has no tensor \"" + name + "\" among its " + tensors.size(),
          "Check that config.json and the weights belong to the same model.");
    }
    return at;
  }
}
