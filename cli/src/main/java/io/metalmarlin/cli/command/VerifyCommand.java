package io.metalmarlin.cli.command;

import io.metalmarlin.cli.args.UsageErrors;
import io.metalmarlin.cli.out.Failure;
import io.metalmarlin.cli.view.VerificationView;
import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.quant.verify.Finding;
import io.metalmarlin.quant.verify.Subject;
import io.metalmarlin.quant.verify.Subjects;
import io.metalmarlin.quant.verify.TargetRules;
import io.metalmarlin.quant.verify.Verifier;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `marlin verify DIR`: whether a checkpoint is whole and sound, and whether a certain program
/// loads it. What is wrong with the checkpoint is a finding and ends with exit code 4, also when
/// nothing of it can be opened; only a place that is not there or cannot be listed ends with 5.
@CommandLine.Command(
    name = "verify",
    header = "Check a checkpoint: files, shapes, scales, and what a program asks of it.",
    sortOptions = false)
final class VerifyCommand extends Command {
  @Parameters(
      paramLabel = "DIR",
      description = "Model folder, .safetensors or .gguf file, org/name[@revision] or demo.")
  String model = "";

  @Option(
      names = "--target",
      paramLabel = "NAME[@VERSION]",
      description =
          "Who must load it: vllm, sglang, trtllm, transformers, mlx-lm, llama.cpp or marlin.")
  @Nullable String target;

  @Option(names = "--tp", paramLabel = "N", description = "Devices that share each matrix (1).")
  int tp = 1;

  @Override
  public Outcome execute(Session session) throws IOException {
    if (tp < 1) {
      throw UsageErrors.badValue("--tp", Integer.toString(tp), "must be at least 1");
    }
    Optional<TargetRules> rules = Optional.ofNullable(target).map(TargetRules::named);
    Path place = NamedModel.find(model, session).folder();
    try (Subject subject = Subjects.open(place, rules, tp)) {
      List<Finding> findings = Verifier.findings(subject);
      VerificationView view = new VerificationView(place, subject, findings);
      return new Outcome(view.json(), view.text(), failures(place, view));
    }
  }

  private static List<Failure> failures(Path place, VerificationView view) {
    if (view.errors() == 0) {
      return List.of();
    }
    return List.of(
        Failure.of(
            new MarlinException(
                ErrorCode.VERIFY_FAILED,
                place.toString(),
                view.summary(),
                "Each finding says what to do about it.")));
  }
}
