package io.metalmarlin.formats.model;

import io.metalmarlin.formats.container.Checkpoint;
import io.metalmarlin.formats.container.CheckpointWriter;
import io.metalmarlin.formats.container.Durable;
import io.metalmarlin.formats.container.safetensors.Safetensors;
import io.metalmarlin.formats.json.PythonJson;
import io.metalmarlin.formats.tensor.TensorInfo;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import tools.jackson.databind.node.ObjectNode;

/// Writes tensors under MLX's names: experts go into slices of one stacked tensor. On commit the
/// index is written, which mlx-lm has for a single file too, with the number of parameters; for it
/// the folder's `config.json` must stand by then.
///
/// @param slices where a Hugging Face tensor lies in a stacked one
record MlxWriter(Path folder, CheckpointWriter out, Map<String, Slice> slices)
    implements CheckpointWriter {
  private static final Map<String, String> METADATA = Map.of("format", "mlx");
  private static final String INDEX = "model.safetensors.index.json";

  /// @param offset in bytes
  private record Slice(String tensor, long offset) {}

  static CheckpointWriter create(Path folder, List<TensorInfo> tensors, long maxShardBytes) {
    Map<String, List<TensorInfo>> experts = new LinkedHashMap<>();
    Map<String, Slice> slices = new HashMap<>();
    for (TensorInfo t : tensors) {
      MlxNames.stacked(t.name())
          .ifPresent(s -> {
            experts.computeIfAbsent(s.name(), k -> new ArrayList<>()).add(t);
            slices.put(t.name(), new Slice(s.name(), s.expert() * t.byteSize()));
          });
    }
    Set<String> done = new HashSet<>();
    List<TensorInfo> stored = new ArrayList<>();
    for (TensorInfo t : tensors) {
      Slice slice = slices.get(t.name());
      if (slice == null) {
        stored.add(t);
      } else if (done.add(slice.tensor())) {
        stored.add(stacked(slice.tensor(), experts.get(slice.tensor())));
      }
    }
    return new MlxWriter(
        folder, Safetensors.INSTANCE.create(folder, stored, METADATA, maxShardBytes), slices);
  }

  private static TensorInfo stacked(String name, List<TensorInfo> experts) {
    TensorInfo first = experts.getFirst();
    Set<Integer> numbers = new HashSet<>();
    for (TensorInfo t : experts) {
      int number = MlxNames.stacked(t.name()).orElseThrow().expert();
      boolean fits = t.dtype() == first.dtype() && t.shape().equals(first.shape());
      if (!fits || number >= experts.size() || !numbers.add(number)) {
        throw new IllegalArgumentException(
            name + ": " + t + " does not stack with " + experts.size() + " of " + first);
      }
    }
    List<Long> shape = new ArrayList<>(first.shape());
    shape.addFirst((long) experts.size());
    return new TensorInfo(name, first.dtype(), shape);
  }

  @Override
  public void write(String tensor, long offset, MemorySegment bytes) {
    Slice slice = slices.get(tensor);
    if (slice == null) {
      out.write(tensor, offset, bytes);
    } else {
      out.write(slice.tensor(), slice.offset() + offset, bytes);
    }
  }

  @Override
  public long place(String tensor) {
    Slice slice = slices.get(tensor);
    return slice == null ? out.place(tensor) : out.place(slice.tensor()) + slice.offset();
  }

  @Override
  public List<Path> files() {
    return out.files();
  }

  @Override
  public long settled(Path file) {
    return out.settled(file);
  }

  @Override
  public void sync() {
    out.sync();
  }

  @Override
  public void commit() {
    writeIndex();
    out.commit();
  }

  private void writeIndex() {
    ObjectNode root = QuantizationConfig.JSON.createObjectNode();
    ObjectNode metadata = root.putObject("metadata");
    TreeMap<String, String> map = new TreeMap<>();
    ModelConfig config = ModelConfigs.read(folder);
    try (Checkpoint written = Safetensors.INSTANCE.open(folder)) {
      long bytes = written.tensors().values().stream().mapToLong(TensorInfo::byteSize).sum();
      metadata.put("total_size", bytes);
      metadata.put("total_parameters", parameters(config, written));
      written
          .tensors()
          .keySet()
          .forEach(name -> map.put(name, written.file(name).getFileName().toString()));
    }
    map.forEach(root.putObject("weight_map")::put);
    Durable.write(
        folder.resolve(INDEX), PythonJson.print(root, 4, false).getBytes(StandardCharsets.UTF_8));
  }

  /// Weights as mlx-lm counts them: scales and biases of packed modules are none.
  private static long parameters(ModelConfig config, Checkpoint written) {
    Map<String, PackedModule> packed =
        MlxConfig.of(config).isEmpty() ? Map.of() : new MlxDialect().modules(config, written);
    Set<String> planes = new HashSet<>();
    long count = 0;
    for (PackedModule m : packed.values()) {
      m.planes().forEach(p -> planes.add(p.tensor()));
      count += (long) m.rows() * m.cols();
    }
    for (TensorInfo t : written.tensors().values()) {
      count += planes.contains(t.name()) ? 0 : t.elements();
    }
    return count;
  }

  @Override
  public void close() {
    out.close();
  }
}
