package io.metalmarlin.cli.view;

import io.metalmarlin.cli.out.Figures;
import io.metalmarlin.cli.out.Json;
import io.metalmarlin.cli.out.Table;
import io.metalmarlin.formats.container.Checkpoint;
import io.metalmarlin.formats.model.Dialect;
import io.metalmarlin.formats.model.ModelConfig;
import io.metalmarlin.formats.model.PackedModule;
import io.metalmarlin.formats.tensor.TensorInfo;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// What a checkpoint's headers say.
///
/// @param dialect empty for a single file without configuration and for an unknown dialect
/// @param modelType empty without configuration
/// @param tensors in file order
/// @param packed quantized modules by name
/// @param packedBytes of all their planes
public record Inspection(
    Path path,
    String container,
    List<Path> files,
    Map<String, String> metadata,
    Optional<String> dialect,
    Optional<String> modelType,
    List<TensorInfo> tensors,
    Map<String, PackedModule> packed,
    long packedBytes) {
  private static final String NO_WEIGHTS = "no weights";

  public static Inspection of(
      Path path,
      String container,
      Checkpoint checkpoint,
      Optional<ModelConfig> config,
      Optional<Dialect> dialect) {
    List<TensorInfo> tensors = List.copyOf(checkpoint.tensors().values());
    Map<String, PackedModule> packed =
        config.isPresent() && dialect.isPresent()
            ? dialect.get().modules(config.get(), checkpoint)
            : Map.of();
    return new Inspection(
        path,
        container,
        checkpoint.files(),
        checkpoint.metadata(),
        dialect.map(Dialect::name),
        config.flatMap(c -> c.text("model_type")),
        tensors,
        packed,
        packed.values().stream().mapToLong(m -> m.byteSize(checkpoint)).sum());
  }

  private long bytes() {
    return tensors.stream().mapToLong(TensorInfo::byteSize).sum();
  }

  private long packedWeights() {
    return packed.values().stream().mapToLong(Inspection::weights).sum();
  }

  /// Weights of the model: a packed module counts as the matrix it stands for.
  private long weights() {
    long dense =
        tensors.stream()
            .filter(t -> !packed.containsKey(module(t)))
            .mapToLong(TensorInfo::elements)
            .sum();
    return dense + packedWeights();
  }

  private static long weights(PackedModule m) {
    return (long) m.rows() * m.cols();
  }

  private static String scheme(PackedModule m) {
    return m.packing().scheme().name();
  }

  private static String module(TensorInfo t) {
    int dot = t.name().lastIndexOf('.');
    return dot < 0 ? t.name() : t.name().substring(0, dot);
  }

  private String schemes() {
    return packed.values().stream()
        .map(Inspection::scheme)
        .distinct()
        .sorted()
        .collect(Collectors.joining(", "));
  }

  public ObjectNode json() {
    ObjectNode n = Json.object();
    n.put("path", path.toString());
    n.put("container", container);
    n.put("dialect", dialect.orElse(null));
    n.put("model_type", modelType.orElse(null));
    ArrayNode fileList = n.putArray("files");
    files.forEach(f -> fileList.add(f.getFileName().toString()));
    ObjectNode meta = n.putObject("metadata");
    metadata.forEach(meta::put);
    n.put("tensor_count", tensors.size());
    n.put("bytes", bytes());
    n.put("weights", weights());
    Json.number(n, "bits_per_weight", 8.0 * bytes() / weights(), NO_WEIGHTS);
    ObjectNode q = n.putObject("quantized");
    q.put("modules", packed.size());
    q.put("weights", packedWeights());
    q.put("bytes", packedBytes());
    Json.number(q, "bits_per_weight", 8.0 * packedBytes() / packedWeights(), "no quantized module");
    ArrayNode list = n.putArray("tensors");
    for (TensorInfo t : tensors) {
      ObjectNode o = list.addObject();
      o.put("name", t.name());
      o.put("dtype", t.dtype().name());
      t.shape().forEach(o.putArray("shape")::add);
      o.put("bytes", t.byteSize());
      PackedModule p = packed.get(module(t));
      o.put("scheme", p == null ? null : scheme(p));
      o.put("packing", p == null ? null : p.packing().name());
    }
    return n;
  }

  public String text() {
    Table table = new Table("tensor", "dtype", "shape", ">size", "scheme");
    for (TensorInfo t : tensors) {
      PackedModule p = packed.get(module(t));
      table.row(
          t.name(),
          t.dtype().name(),
          PlanView.shape(t.shape()),
          Figures.bytes(t.byteSize()),
          p == null ? "" : scheme(p));
    }
    StringBuilder s = new StringBuilder(table.text());
    s.append(
        "%npath             %s (%s, %d file%s)%n"
            .formatted(path, container, files.size(), files.size() == 1 ? "" : "s"));
    s.append("dialect          %s%n".formatted(dialect.orElse("not known")));
    s.append("model type       %s%n".formatted(modelType.orElse("not known")));
    s.append(
        "size             %s, %s tensors, %s weights, %s bits per weight%n"
            .formatted(
                Figures.bytes(bytes()),
                Figures.count(tensors.size()),
                Figures.count(weights()),
                Figures.fixed(8.0 * bytes() / weights(), 3)));
    if (!packed.isEmpty()) {
      s.append(
          "quantized        %s: %d modules, %s weights, %s bits per weight%n"
              .formatted(
                  schemes(),
                  packed.size(),
                  Figures.count(packedWeights()),
                  Figures.fixed(8.0 * packedBytes() / packedWeights(), 3)));
    }
    return s.toString();
  }
}
