package io.metalmarlin.cli.command;

import io.metalmarlin.cli.out.Json;
import io.metalmarlin.cli.out.Warning;
import io.metalmarlin.cli.view.GgufFacts;
import io.metalmarlin.cli.view.Inspection;
import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.container.Checkpoint;
import io.metalmarlin.formats.container.gguf.GgufCheckpoint;
import io.metalmarlin.formats.container.gguf.GgufValue;
import io.metalmarlin.formats.json.JsonFiles;
import io.metalmarlin.formats.model.Dialect;
import io.metalmarlin.formats.model.Dialects;
import io.metalmarlin.formats.model.ModelConfig;
import io.metalmarlin.formats.model.gguf.GgufConfig;
import io.metalmarlin.formats.model.gguf.GgufFileType;
import io.metalmarlin.quant.verify.PackedModules;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;

/// Looks at an opened checkpoint of any kind; what does not fit is a warning and never the end, for
/// the tensors can be listed all the same.
///
/// @param path the folder or file that was opened
/// @param container name of its kind
/// @param warn is told what does not fit
record Inspector(Path path, String container, Consumer<Warning> warn) {
  private static final long MAX_CONFIG_BYTES = 16 << 20;

  /// Reads headers and the configuration; of tensors only those of a few bytes that hold a shape.
  Inspection inspect(Checkpoint checkpoint) {
    return checkpoint instanceof GgufCheckpoint file ? gguf(file) : named(checkpoint);
  }

  private Inspection named(Checkpoint checkpoint) {
    Optional<ModelConfig> config = config();
    // Without configuration the tensors' names may still say how they are packed.
    ModelConfig known = config.orElseGet(() -> new ModelConfig(path, Json.object()));
    Optional<Dialect> dialect = dialect(known, checkpoint);
    PackedModules found =
        dialect.map(d -> PackedModules.find(d, known, checkpoint)).orElse(PackedModules.NONE);
    found.faults().forEach(f -> warn("W103", f));
    boolean told = config.isPresent() || !found.modules().isEmpty() || !found.faults().isEmpty();
    return Inspection.of(
        path,
        container,
        checkpoint,
        told ? dialect.map(Dialect::name) : Optional.empty(),
        config.flatMap(c -> c.text("model_type")),
        found,
        dialect.isPresent());
  }

  /// The `config.json` of the folder, or beside the file.
  private Optional<ModelConfig> config() {
    Path file =
        Files.isDirectory(path)
            ? path.resolve("config.json")
            : path.toAbsolutePath().resolveSibling("config.json");
    return Files.exists(file)
        ? Optional.of(new ModelConfig(file, JsonFiles.readObject(file, MAX_CONFIG_BYTES)))
        : Optional.empty();
  }

  private Optional<Dialect> dialect(ModelConfig config, Checkpoint checkpoint) {
    try {
      return Optional.of(Dialects.of(config, checkpoint));
    } catch (MarlinException e) {
      if (e.code() != ErrorCode.REFUSED_FORMAT) {
        throw e;
      }
      warn("W102", e);
      return Optional.empty();
    }
  }

  private Inspection gguf(GgufCheckpoint file) {
    Map<String, GgufValue> said = file.typedMetadata().values();
    Optional<String> architecture =
        said.get("general.architecture") instanceof GgufValue.Text t
            ? Optional.of(t.value())
            : Optional.empty();
    OptionalLong type =
        said.get("general.file_type") instanceof GgufValue.Whole w
            ? OptionalLong.of(w.value())
            : OptionalLong.empty();
    Optional<String> name =
        type.isPresent() ? GgufFileType.name(type.getAsLong()) : Optional.empty();
    GgufFacts facts = new GgufFacts(architecture, type, name);
    return Inspection.of(path, container, file, "gguf", modelType(file), facts);
  }

  private Optional<String> modelType(GgufCheckpoint file) {
    try {
      return GgufConfig.of(file).text("model_type");
    } catch (MarlinException e) {
      warn("W102", e);
      return Optional.empty();
    }
  }

  private void warn(String code, MarlinException e) {
    warn.accept(new Warning(code, e.where(), e.getMessage()));
  }
}
