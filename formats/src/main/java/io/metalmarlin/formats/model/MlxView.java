package io.metalmarlin.formats.model;

import io.metalmarlin.formats.container.Checkpoint;
import io.metalmarlin.formats.container.FileDigest;
import io.metalmarlin.formats.tensor.TensorInfo;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;

/// A checkpoint of MLX with the tensors that MLX keeps in another shape as Hugging Face has them:
/// stacks of experts that are not packed, one by one, the halves of DeepSeek's `kv_b_proj`
/// ([MlxLatent]) as one matrix, Qwen3-Next's norms and convolutions ([MlxShifted]). All others,
/// packed stacks among them, are those of the files.
final class MlxView implements Checkpoint {
  /// A tensor that is made of others.
  interface Made {
    TensorInfo info();

    /// Tensors of the file it takes the place of, at least one.
    List<String> sources();

    MemorySegment bytes(Checkpoint file);
  }

  /// One expert of a stack.
  private record Expert(TensorInfo info, String stack, int number) implements Made {
    @Override
    public List<String> sources() {
      return List.of(stack);
    }

    @Override
    public MemorySegment bytes(Checkpoint file) {
      return file.bytes(stack).asSlice(number * info.byteSize(), info.byteSize());
    }
  }

  private final Checkpoint file;
  private final Map<String, Made> made = new HashMap<>();
  private final SequencedMap<String, TensorInfo> tensors = new LinkedHashMap<>();

  private MlxView(Checkpoint file, SequencedMap<String, List<Made>> views) {
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

  /// The checkpoint itself where nothing is shaped in MLX's own way.
  static Checkpoint of(ModelConfig config, Checkpoint file) {
    MlxConfig mlx = MlxConfig.of(config).orElseThrow();
    SequencedMap<String, List<Made>> views = new LinkedHashMap<>();
    for (String stem : Tensors.stems(file)) {
      List<Made> parts = new ArrayList<>(MlxLatent.find(mlx, file, stem));
      parts.addAll(experts(file, stem));
      parts.addAll(MlxShifted.find(config, file, stem));
      for (Made part : parts) {
        for (String source : part.sources()) {
          views.computeIfAbsent(source, s -> new ArrayList<>());
        }
        views.get(part.sources().getFirst()).add(part);
      }
    }
    return views.isEmpty() ? file : new MlxView(file, views);
  }

  private static List<Made> experts(Checkpoint file, String stem) {
    TensorInfo stack = file.tensors().get(stem + ".weight");
    boolean plain =
        MlxNames.isStacked(stem) && stack != null && !Tensors.has(file, stem + ".scales");
    if (!plain || stack.shape().size() != 3 || stack.shape().getFirst() > 1 << 16) {
      return List.of();
    }
    List<Made> experts = new ArrayList<>();
    for (int e = 0; e < stack.shape().getFirst(); e++) {
      String name = MlxNames.expert(stem, e) + ".weight";
      List<Long> shape = stack.shape().subList(1, 3);
      experts.add(new Expert(new TensorInfo(name, stack.dtype(), shape), stack.name(), e));
    }
    return experts;
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
