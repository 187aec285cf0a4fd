package io.metalmarlin.cli.command;

import io.metalmarlin.cli.out.Warning;
import io.metalmarlin.cli.view.Inspection;
import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.container.Checkpoint;
import io.metalmarlin.formats.container.Container;
import io.metalmarlin.formats.container.Containers;
import io.metalmarlin.formats.json.JsonFiles;
import io.metalmarlin.formats.model.Dialect;
import io.metalmarlin.formats.model.Dialects;
import io.metalmarlin.formats.model.ModelConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Parameters;

/// `marlin inspect PATH`: what a checkpoint holds, from its headers alone. Works on model types
/// that nothing else here knows and on single files.
@CommandLine.Command(
    name = "inspect",
    header = "List a checkpoint's tensors, types, shapes, scheme and bits per weight.",
    sortOptions = false)
final class InspectCommand extends Command {
  private static final long MAX_CONFIG_BYTES = 16 << 20;

  @Parameters(
      paramLabel = "PATH",
      description = "Folder, .safetensors file, org/name[@revision] or demo.")
  String path = "";

  @Override
  public Outcome execute(Session session) throws IOException {
    Path place = NamedModel.find(path, session).folder();
    Container container = Containers.of(place);
    try (Checkpoint checkpoint = container.open(place)) {
      Optional<ModelConfig> config = config(place);
      Optional<Dialect> dialect = config.flatMap(c -> dialect(c, checkpoint, session));
      Inspection inspection = Inspection.of(place, container.name(), checkpoint, config, dialect);
      return Outcome.ok(inspection.json(), inspection.text());
    }
  }

  private static Optional<ModelConfig> config(Path place) {
    Path file = place.resolve("config.json");
    return Files.isDirectory(place) && Files.exists(file)
        ? Optional.of(new ModelConfig(file, JsonFiles.readObject(file, MAX_CONFIG_BYTES)))
        : Optional.empty();
  }

  /// An unknown dialect is worth a warning, not the end: the tensors can be listed all the same.
  private static Optional<Dialect> dialect(
      ModelConfig config, Checkpoint checkpoint, Session session) {
    try {
      return Optional.of(Dialects.of(config, checkpoint));
    } catch (MarlinException e) {
      if (e.code() != ErrorCode.REFUSED_FORMAT) {
        throw e;
      }
      session.console().warn(new Warning("W102", e.where(), e.getMessage()));
      return Optional.empty();
    }
  }
}
