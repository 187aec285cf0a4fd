package io.metalmarlin.cli.command;

import io.metalmarlin.cli.args.UsageErrors;
import io.metalmarlin.cli.view.SensitivityView;
import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.container.Durable;
import io.metalmarlin.formats.container.OutputFailure;
import io.metalmarlin.quant.plan.Recipes;
import io.metalmarlin.quant.sensitivity.Sensitivities;
import io.metalmarlin.quant.sensitivity.Stopped;
import io.metalmarlin.runtime.load.Models;
import io.metalmarlin.runtime.model.Model;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.node.ObjectNode;

/// `marlin sensitivity MODEL`: what rounding each weight costs at the model's output.
@CommandLine.Command(
    name = "sensitivity",
    header = "Measure what each weight costs under each scheme, at the model's output.",
    description = {
      "Rounds one unit at a time (weights that get one scheme) and runs the model from its block on:",
      "mean KL divergence from the model as it is. Reuse it with quantize --sensitivities."
    },
    sortOptions = false)
final class SensitivityCommand extends Command {
  @Parameters(paramLabel = "MODEL", description = "Folder, org/name[@revision][:FILE] or demo.")
  String model = "";

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FILE",
      description = "Write the costs as JSON for quantize --sensitivities.")
  @Nullable Path output;

  @Option(
      names = "--schemes",
      paramLabel = "A,B,C",
      split = ",",
      description =
          "Schemes to measure, as --override names them (those the target's loaders run).")
  List<String> schemes = new ArrayList<>();

  @Option(
      names = "--target",
      paramLabel = "NAME",
      description = "Whose layouts are used and whose loaders decide what stays together (vllm).")
  String target = Recipes.DEFAULT_TARGET;

  @Option(
      names = "--ignore",
      paramLabel = "PATTERN",
      description = "Leave matching modules out, as with quantize. Repeat the flag for more.")
  List<String> ignore = new ArrayList<>();

  @Mixin CostOptions cost = new CostOptions();
  @Mixin SourceOptions sources = new SourceOptions();
  @Mixin WorkOptions work = new WorkOptions();

  @Override
  protected boolean verbose() {
    return work.verbose;
  }

  @Override
  public Outcome execute(Session session) throws IOException {
    checkOutput();
    NamedModel source = NamedModel.find(model, sources, session);
    try (Model opened = Models.openAny(source.folder())) {
      Costs costs = new Costs(session, source, work.threads());
      Sensitivities measured = costs.measure(opened, schemes, target, ignore, cost);
      ObjectNode json = SensitivityView.json(measured);
      if (output != null) {
        write(output, SensitivityView.pretty(json));
      }
      return Outcome.ok(json, SensitivityView.text(measured));
    } catch (Stopped e) {
      return Outcome.failed(Costs.stopped(session, source));
    }
  }

  /// A place that cannot be written is told before the minutes of measuring.
  private void checkOutput() {
    if (output == null) {
      return;
    }
    if (Files.isDirectory(output)) {
      throw UsageErrors.badValue("--output", output.toString(), "is a folder");
    }
    Path folder = output.toAbsolutePath().getParent();
    if (folder == null || !Files.isDirectory(folder) || !Files.isWritable(folder)) {
      throw new MarlinException(
          ErrorCode.OUTPUT_UNWRITABLE,
          output.toString(),
          "its folder does not exist or cannot be written to",
          "Make the folder, or choose another file.");
    }
  }

  /// Whole or not at all.
  private static void write(Path file, String text) {
    Path partial = file.resolveSibling(file.getFileName() + ".partial");
    try {
      Durable.write(partial, text.getBytes(StandardCharsets.UTF_8));
      Files.move(partial, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw OutputFailure.of(file, e);
    }
  }
}
