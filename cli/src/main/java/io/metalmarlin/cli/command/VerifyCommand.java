package io.metalmarlin.cli.command;

import io.metalmarlin.cli.args.UsageErrors;
import io.metalmarlin.cli.out.Failure;
import io.metalmarlin.cli.view.ComparedWith;
import io.metalmarlin.cli.view.VerificationView;
import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.quant.verify.Finding;
import io.metalmarlin.quant.verify.Subject;
import io.metalmarlin.quant.verify.Subjects;
import io.metalmarlin.quant.verify.TargetRules;
import io.metalmarlin.quant.verify.Verifier;
import io.metalmarlin.quant.verify.WeightErrors;
import io.metalmarlin.quant.verify.load.Targets;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
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
  private static final int WINDOWS = 32;

  @Parameters(
      paramLabel = "DIR",
      description = "Model folder, .safetensors or .gguf file, org/name[@revision][:FILE] or demo.")
  String model = "";

  @Option(
      names = "--target",
      paramLabel = "NAME[@VERSION]",
      description =
          "Who must load it: vllm, sglang, trtllm, transformers, mlx-lm, llama.cpp or marlin.")
  @Nullable String target;

  @Option(names = "--tp", paramLabel = "N", description = "Devices that share each matrix (1).")
  int tp = 1;

  @Option(
      names = "--against",
      paramLabel = "MODEL",
      description = "Compare every weight with this checkpoint, and run both on a text.")
  @Nullable String against;

  @Option(
      names = "--text",
      paramLabel = "FILE",
      description = "Text for --against, .txt or .jsonl (embedded:evaluation).")
  @Nullable Path text;

  @Option(
      names = "--max-windows",
      paramLabel = "N",
      description = "Windows of the text to run, evenly spaced; 0 for none (32).")
  @Nullable Integer maxWindows;

  @Mixin SourceOptions sources = new SourceOptions();
  @Mixin WorkOptions work = new WorkOptions();

  @Override
  protected boolean verbose() {
    return work.verbose;
  }

  @Override
  public Outcome execute(Session session) throws IOException {
    check();
    Optional<TargetRules> rules = Optional.ofNullable(target).map(Targets::named);
    Path place = NamedModel.find(model, sources, session).folder();
    try (Subject subject = Subjects.open(place, rules, tp)) {
      List<Finding> findings = new ArrayList<>(Verifier.findings(subject));
      Optional<ComparedWith> compared = Optional.empty();
      if (against != null) {
        Path reference = NamedModel.find(against, sources, session).folder();
        int windows = maxWindows == null ? WINDOWS : maxWindows;
        ComparedWith c =
            new VerifyAgainst(session, subject, place, reference, work)
                .run(EvaluationText.read(text), windows);
        findings.addAll(WeightErrors.findings(c.errors()));
        compared = Optional.of(c);
      }
      VerificationView view = new VerificationView(place, subject, findings, compared);
      return new Outcome(view.json(), view.text(), failures(place, view));
    }
  }

  private void check() {
    if (tp < 1) {
      throw UsageErrors.badValue("--tp", Integer.toString(tp), "must be at least 1");
    }
    if (maxWindows != null && maxWindows < 0) {
      throw UsageErrors.badValue("--max-windows", maxWindows.toString(), "must be at least 0");
    }
    if (against == null && (text != null || maxWindows != null)) {
      throw UsageErrors.conflict(
          "--against",
          "is missing: without it no text is run",
          "Name the checkpoint it was made from, or leave out --text and --max-windows.");
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
