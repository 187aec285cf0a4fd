package io.metalmarlin.quant.verify;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.container.Checkpoint;
import io.metalmarlin.formats.tensor.TensorInfo;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeMap;

/// The tensors of those files of a checkpoint that can be read, whatever an index says about them.
/// Of two tensors of one name the first counts. Closing it closes the files.
final class ShardSet implements Checkpoint {
  private final List<Checkpoint> files;
  private final Map<String, Checkpoint> holders = new HashMap<>();
  private final SequencedMap<String, TensorInfo> tensors = new LinkedHashMap<>();

  ShardSet(Collection<Checkpoint> files) {
    this.files = List.copyOf(files);
    for (Checkpoint file : this.files) {
      file.tensors()
          .forEach((name, info) -> {
            if (tensors.putIfAbsent(name, info) == null) {
              holders.put(name, file);
            }
          });
    }
  }

  @Override
  public SequencedMap<String, TensorInfo> tensors() {
    return Collections.unmodifiableSequencedMap(tensors);
  }

  @Override
  public MemorySegment bytes(String name) {
    return holder(name).bytes(name);
  }

  @Override
  public Path file(String name) {
    return holder(name).file(name);
  }

  @Override
  public List<Path> files() {
    return files.stream().flatMap(f -> f.files().stream()).toList();
  }

  @Override
  public Map<String, String> metadata() {
    Map<String, String> all = new TreeMap<>();
    files.forEach(f -> f.metadata().forEach(all::putIfAbsent));
    return all;
  }

  @Override
  public void close() {
    files.forEach(Checkpoint::close);
  }

  private Checkpoint holder(String name) {
    Checkpoint holder = holders.get(name);
    if (holder == null) {
      throw new MarlinException(
          ErrorCode.TENSOR_MISSING,
          name,
          "is in none of the " + files.size() + " readable files",
          "Fetch the checkpoint again.");
    }
    return holder;
  }
}
