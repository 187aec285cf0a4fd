package io.metalmarlin.formats.container.gguf;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.container.Checkpoint;
import io.metalmarlin.formats.container.MappedFile;
import io.metalmarlin.formats.container.gguf.Header.Entry;
import io.metalmarlin.formats.tensor.TensorInfo;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/// One GGUF file or all parts of a split one, headers checked, each file mapped when its first
/// tensor is asked for. Usable from any thread; a mapped segment dies with [#close].
///
/// Tensors have the names and the row order of the file. Those of a big-endian file are turned into
/// little-endian copies each time they are asked for.
public final class GgufCheckpoint implements Checkpoint {
  private record Located(MappedFile<Header> file, Entry entry) {}

  private final Path path;
  private final Arena arena = Arena.ofShared();
  private final List<MappedFile<Header>> files;
  private final Map<String, Located> located = new HashMap<>();
  private final SequencedMap<String, TensorInfo> tensors = new LinkedHashMap<>();
  private final GgufMetadata metadata;

  /// @param path what the user named, for messages
  /// @param files in order; no tensor stands in two of them
  GgufCheckpoint(Path path, List<MappedFile<Header>> files) {
    this.path = path;
    this.files = List.copyOf(files);
    for (MappedFile<Header> file : this.files) {
      for (Entry entry : file.header().entries()) {
        tensors.put(entry.info().name(), entry.info());
        located.put(entry.info().name(), new Located(file, entry));
      }
    }
    metadata = merged();
  }

  /// What the first part says about the model; how it is split is no property of the model.
  private GgufMetadata merged() {
    GgufMetadata first = files.getFirst().header().metadata();
    if (files.size() == 1) {
      return first;
    }
    LinkedHashMap<String, GgufValue> values = new LinkedHashMap<>(first.values());
    List.of(Parts.NUMBER, Parts.COUNT, Parts.TENSORS).forEach(values::remove);
    return new GgufMetadata(first.where(), values);
  }

  /// The typed metadata; that of the first part, without `split.*`, where there are several.
  public GgufMetadata typedMetadata() {
    return metadata;
  }

  /// Bytes to which tensors are aligned in the first file.
  public long alignment() {
    return files.getFirst().header().alignment();
  }

  /// Whether the files hold the tensors' data and not only their descriptions.
  public boolean hasData() {
    return files.stream().allMatch(f -> f.header().hasData());
  }

  @Override
  public SequencedMap<String, TensorInfo> tensors() {
    return Collections.unmodifiableSequencedMap(tensors);
  }

  /// @throws GgufException `NO_DATA` of a file that holds a header only, `CHANGED`
  @Override
  public MemorySegment bytes(String name) {
    Located at = locate(name);
    Header header = at.file.header();
    long size = at.entry.info().byteSize();
    long begin = header.dataStart() + at.entry.begin();
    if (!header.hasData()) {
      throw new GgufException(
          Fault.NO_DATA, at.file.path(), name, begin, size + " bytes", "the end of the file");
    }
    MemorySegment mapped = at.file.region(begin, size, arena);
    if (header.order() == ByteOrder.LITTLE_ENDIAN) {
      return mapped;
    }
    MemorySegment copy = Arena.ofAuto().allocate(size, Long.BYTES).copyFrom(mapped);
    ByteSwap.tensor(copy, at.entry.info().dtype());
    return copy.asReadOnly();
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
    return metadata.display();
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
          "Make the file again with a current converter.");
    }
    return at;
  }
}
