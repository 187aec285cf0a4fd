package io.metalmarlin.formats.model;

import io.metalmarlin.formats.container.Checkpoint;
import io.metalmarlin.formats.container.FileDigest;
import io.metalmarlin.formats.tensor.TensorInfo;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;

/// A checkpoint some of whose tensors stand for others: under another name, a part of them, or
/// changed. All others are those of the files, whose order stays.
final class MadeView implements Checkpoint {
  /// A tensor that is made of others.
  interface Made {
    TensorInfo info();

    /// Tensors of the file it takes the place of, at least one.
    List<String> sources();

    MemorySegment bytes(Checkpoint file);
  }

  /// Bytes of a tensor under another name.
  ///
  /// @param begin first byte inside the source
  record Slice(TensorInfo info, String source, long begin) implements Made {
    @Override
    public List<String> sources() {
      return List.of(source);
    }

    @Override
    public MemorySegment bytes(Checkpoint file) {
      return file.bytes(source).asSlice(begin, info.byteSize());
    }
  }

  private final Checkpoint file;
  private final Map<String, Made> made = new HashMap<>();
  private final SequencedMap<String, TensorInfo> tensors = new LinkedHashMap<>();

  /// @param views what takes the place of a tensor of the file; nothing where another tensor's do
  private MadeView(Checkpoint file, SequencedMap<String, List<Made>> views) {
    this.file = file;
    for (TensorInfo t : file.tensors().values()) {
      if (!views.containsKey(t.name())) {
        tensors.put(t.name(), t);
      }
      for (Made m : views.getOrDefault(t.name(), List.of())) {
        made.put(m.info().name(), m);
        tensors.put(m.info().name(), m.info());
      }
    }
  }

  /// The checkpoint itself where nothing is made.
  static Checkpoint of(Checkpoint file, SequencedMap<String, List<Made>> views) {
    return views.isEmpty() ? file : new MadeView(file, views);
  }

  @Override
  public SequencedMap<String, TensorInfo> tensors() {
    return Collections.unmodifiableSequencedMap(tensors);
  }

  @Override
  public MemorySegment bytes(String name) {
    Made m = made.get(name);
    return m == null ? file.bytes(name) : m.bytes(file);
  }

  @Override
  public Path file(String name) {
    Made m = made.get(name);
    return file.file(m == null ? name : m.sources().getFirst());
  }

  @Override
  public List<Path> files() {
    return file.files();
  }

  @Override
  public Map<String, String> metadata() {
    return file.metadata();
  }

  @Override
  public Optional<FileDigest> digest(Path path) {
    return file.digest(path);
  }

  @Override
  public void keepOnly(Set<String> needed) {
    Set<String> stored = new LinkedHashSet<>();
    for (String name : needed) {
      Made m = made.get(name);
      stored.addAll(m == null ? List.of(name) : m.sources());
    }
    file.keepOnly(stored);
  }

  @Override
  public void close() {
    file.close();
  }
}
