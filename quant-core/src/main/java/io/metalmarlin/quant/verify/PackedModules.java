package io.metalmarlin.quant.verify;

import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.container.Checkpoint;
import io.metalmarlin.formats.model.Dialect;
import io.metalmarlin.formats.model.ModelConfig;
import io.metalmarlin.formats.model.PackedModule;
import io.metalmarlin.formats.tensor.TensorInfo;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;

/// The packed modules of a checkpoint, as far as they can be made out, and why not the others.
///
/// @param modules by name, in file order
/// @param faults one for each thing that does not fit, in file order
/// @param faulty the modules the faults are about: what stands before the last dot of their tensors
public record PackedModules(
    SequencedMap<String, PackedModule> modules, List<MarlinException> faults, Set<String> faulty) {
  /// Nothing is packed.
  public static final PackedModules NONE =
      new PackedModules(new LinkedHashMap<>(), List.of(), Set.of());

  /// Asks the dialect about the whole checkpoint and, where it refuses, about one module after the
  /// other.
  public static PackedModules find(Dialect dialect, ModelConfig config, Checkpoint checkpoint) {
    try {
      return new PackedModules(dialect.modules(config, checkpoint), List.of(), Set.of());
    } catch (MarlinException e) {
      return oneByOne(dialect, config, checkpoint);
    }
  }

  private static PackedModules oneByOne(
      Dialect dialect, ModelConfig config, Checkpoint checkpoint) {
    SequencedMap<String, SequencedMap<String, TensorInfo>> stems = new LinkedHashMap<>();
    checkpoint
        .tensors()
        .forEach((name, info) ->
            stems.computeIfAbsent(stem(name), s -> new LinkedHashMap<>()).put(name, info));
    SequencedMap<String, PackedModule> modules = new LinkedHashMap<>();
    List<MarlinException> faults = new ArrayList<>();
    Set<String> faulty = new HashSet<>();
    Set<String> said = new HashSet<>();
    stems.forEach((stem, tensors) -> {
      try {
        modules.putAll(dialect.modules(config, new Part(checkpoint, tensors)));
      } catch (MarlinException e) {
        faulty.add(stem);
        // What is wrong with the configuration is wrong for every module.
        if (said.add(e.where() + e.getMessage())) {
          faults.add(e);
        }
      }
    });
    return new PackedModules(modules, List.copyOf(faults), Set.copyOf(faulty));
  }

  /// What stands before the last dot of a tensor's name.
  public static String stem(String tensor) {
    int dot = tensor.lastIndexOf('.');
    return dot < 0 ? tensor : tensor.substring(0, dot);
  }

  /// Some tensors of a checkpoint.
  private record Part(Checkpoint whole, SequencedMap<String, TensorInfo> tensors)
      implements Checkpoint {
    @Override
    public MemorySegment bytes(String name) {
      return whole.bytes(name);
    }

    @Override
    public Path file(String name) {
      return whole.file(name);
    }

    @Override
    public List<Path> files() {
      return whole.files();
    }

    @Override
    public Map<String, String> metadata() {
      return whole.metadata();
    }

    @Override
    public void close() {
      // Belongs to somebody else.
    }
  }
}
