package io.metalmarlin.cli.command;

import io.metalmarlin.cli.view.Inspection;
import io.metalmarlin.cli.view.InspectionView;
import io.metalmarlin.formats.container.Checkpoint;
import io.metalmarlin.formats.container.Container;
import io.metalmarlin.formats.container.Containers;
import java.io.IOException;
import java.nio.file.Path;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/// `marlin inspect PATH`: what a checkpoint holds, from its headers alone. Works on model types
/// that nothing else here knows and on single files.
@CommandLine.Command(
    name = "inspect",
    header = "List a checkpoint's tensors, types, shapes, scheme and bits per weight.",
    sortOptions = false)
final class InspectCommand extends Command {
  @Parameters(
      paramLabel = "PATH",
      description = "Folder, .safetensors or .gguf file, org/name[@revision][:FILE] or demo.")
  String path = "";

  @Mixin SourceOptions sources = new SourceOptions();

  @Override
  public Outcome execute(Session session) throws IOException {
    Path place = NamedModel.find(path, sources, session).folder();
    Container container = Containers.of(place);
    try (Checkpoint checkpoint = container.open(place)) {
      Inspector inspector = new Inspector(place, container.name(), session.console()::warn);
      Inspection inspection = inspector.inspect(checkpoint);
      return Outcome.ok(InspectionView.json(inspection), InspectionView.text(inspection));
    }
  }
}
