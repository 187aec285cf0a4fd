package io.metalmarlin.quant.verify;

import io.metalmarlin.formats.container.Checkpoint;
import io.metalmarlin.formats.container.CheckpointWriter;
import io.metalmarlin.formats.container.safetensors.Safetensors;
import io.metalmarlin.formats.model.Activations;
import io.metalmarlin.formats.model.MarlinDialect;
import io.metalmarlin.formats.model.ModelConfigs;
import io.metalmarlin.formats.model.ModuleLayout;
import io.metalmarlin.formats.model.StoredAs;
import io.metalmarlin.formats.scheme.Plane;
import io.metalmarlin.formats.scheme.nvfp4.Nvfp4Scheme;
import io.metalmarlin.formats.scheme.sparse24.Sparse24Packing;
import io.metalmarlin.formats.tensor.DType;
import io.metalmarlin.formats.tensor.TensorInfo;
import io.metalmarlin.formats.testing.Shared;
import io.metalmarlin.quant.verify.load.Targets;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Stream;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// A copy of a peer's pack, with the tokenizer of its base beside it, whose tensors and files a
/// test may change.
final class PackFolder {
  private static final JsonMapper JSON = JsonMapper.shared();

  private final Path folder;

  private PackFolder(Path folder) {
    this.folder = folder;
  }

  /// Copies `packs/TOOL/NAME` into an empty folder.
  static PackFolder of(Path folder, String tool, String name) throws IOException {
    Files.createDirectories(folder);
    copy(Shared.path("packs", tool, name), folder);
    Path base = Shared.path("packs", "base", "qwen3-2l");
    for (String f : List.of("tokenizer.json", "tokenizer_config.json", "generation_config.json")) {
      Files.write(folder.resolve(f), Files.readAllBytes(base.resolve(f)));
    }
    return new PackFolder(folder);
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.list(from)) {
      for (Path f : files.toList()) {
        if (!f.endsWith("expected.safetensors")) {
          // Bytes, not Files.copy: shared data is read-only and the copy must not be.
          Files.write(to.resolve(f.getFileName()), Files.readAllBytes(f));
        }
      }
    }
  }

  Path path() {
    return folder;
  }

  Path file(String name) {
    return folder.resolve(name);
  }

  /// Changes a JSON file of the folder.
  PackFolder json(String name, Consumer<ObjectNode> change) {
    try {
      ObjectNode root = (ObjectNode) JSON.readTree(Files.readString(file(name)));
      change.accept(root);
      Files.writeString(file(name), JSON.writeValueAsString(root));
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
    return this;
  }

  /// Changes `quantization_config` of the configuration.
  PackFolder quantization(Consumer<ObjectNode> change) {
    return json("config.json", c -> change.accept((ObjectNode) c.get("quantization_config")));
  }

  /// A tensor as a test sees it: what it says and its bytes.
  record Tensor(TensorInfo info, MemorySegment bytes) {
    static Tensor of(String name, DType dtype, MemorySegment bytes, long... shape) {
      return new Tensor(TensorInfo.of(name, dtype, shape), bytes);
    }
  }

  /// Changes the set of tensors and writes the file again, with an index where there was one.
  PackFolder tensors(Consumer<Map<String, Tensor>> change) {
    return written(change, Map.of("format", "pt"));
  }

  /// Writes the same tensors with other metadata.
  PackFolder metadata(Map<String, String> metadata) {
    return written(all -> {}, metadata);
  }

  private PackFolder written(Consumer<Map<String, Tensor>> change, Map<String, String> metadata) {
    Map<String, Tensor> all = new LinkedHashMap<>();
    try (Checkpoint c = Safetensors.INSTANCE.open(file("model.safetensors"))) {
      c.tensors()
          .forEach((name, info) ->
              all.put(
                  name,
                  new Tensor(
                      info, MemorySegment.ofArray(c.bytes(name).toArray(ValueLayout.JAVA_BYTE)))));
    }
    change.accept(all);
    List<TensorInfo> infos = new ArrayList<>();
    all.values().forEach(t -> infos.add(t.info()));
    try {
      Files.delete(file("model.safetensors"));
      try (CheckpointWriter w =
          Safetensors.INSTANCE.create(folder, infos, metadata, Long.MAX_VALUE)) {
        all.values().forEach(t -> w.write(t.info().name(), 0, t.bytes()));
        w.commit();
      }
      if (Files.exists(file("model.safetensors.index.json"))) {
        json(
            "model.safetensors.index.json",
            i -> {
              ObjectNode map = i.putObject("weight_map");
              all.keySet().forEach(n -> map.put(n, "model.safetensors"));
              i.withObject("/metadata")
                  .put("total_size", infos.stream().mapToLong(TensorInfo::byteSize).sum());
            });
      }
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
    return this;
  }

  /// Stores one module 2:4 sparse, all ones in the first two of four columns, in our own dialect.
  PackFolder sparse(String module, int rows, int cols) {
    Sparse24Packing packing = new Sparse24Packing(Nvfp4Scheme.INSTANCE);
    ModuleLayout layout =
        new ModuleLayout(
            new TreeMap<>(Map.of(module, new StoredAs("NVFP4A16-2of4", packing, Activations.NONE))),
            new TreeSet<>(Set.of("lm_head")));
    ObjectNode config =
        new MarlinDialect().describe(ModelConfigs.read(folder), layout).get("config.json");
    json("config.json", c -> c.set("quantization_config", config.get("quantization_config")));
    return tensors(all -> {
      all.remove(module + ".weight");
      for (Plane p : packing.planes(rows, cols)) {
        TensorInfo info = p.tensor(module);
        byte[] bytes = new byte[Math.toIntExact(info.byteSize())];
        if (p.suffix().equals("weight_kept")) {
          Arrays.fill(bytes, (byte) 0x22);
        } else if (p.suffix().equals("weight_scale")) {
          Arrays.fill(bytes, (byte) 0x38);
        } else if (info.dtype() == DType.F32) {
          MemorySegment.ofArray(bytes).set(ValueLayout.JAVA_FLOAT_UNALIGNED, 0, 1f);
        }
        all.put(info.name(), new Tensor(info, MemorySegment.ofArray(bytes)));
      }
    });
  }

  /// Changes the bytes of one tensor.
  PackFolder bytes(String name, Consumer<MemorySegment> change) {
    return tensors(all -> change.accept(all.get(name).bytes()));
  }

  /// What the checks find.
  List<Finding> findings(String target, int tp) {
    java.util.Optional<TargetRules> rules =
        target.isEmpty()
            ? java.util.Optional.empty()
            : java.util.Optional.of(Targets.named(target));
    try (Subject s = Subjects.open(folder, rules, tp)) {
      return Verifier.findings(s);
    }
  }
}
