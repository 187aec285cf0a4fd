package io.metalmarlin.cli.command;

import io.metalmarlin.cli.args.IdsConverter;
import io.metalmarlin.cli.args.UsageErrors;
import io.metalmarlin.cli.out.Failure;
import io.metalmarlin.cli.out.Json;
import io.metalmarlin.cli.progress.CountProgress;
import io.metalmarlin.cli.progress.JobProgress;
import io.metalmarlin.cli.view.CacheView;
import io.metalmarlin.cli.view.EvaluationView;
import io.metalmarlin.cli.view.GateView;
import io.metalmarlin.quant.job.JobOptions.GateResult;
import io.metalmarlin.quant.job.JobOptions.Proof;
import io.metalmarlin.quant.job.QualityGates;
import io.metalmarlin.runtime.backend.Backend;
import io.metalmarlin.runtime.backend.Backends;
import io.metalmarlin.runtime.blas.Workers;
import io.metalmarlin.runtime.decode.Decoder;
import io.metalmarlin.runtime.eval.Baseline;
import io.metalmarlin.runtime.eval.EvalOptions;
import io.metalmarlin.runtime.eval.EvalResult;
import io.metalmarlin.runtime.eval.Evaluator;
import io.metalmarlin.runtime.eval.ReferenceFile;
import io.metalmarlin.runtime.eval.SaveReference;
import io.metalmarlin.runtime.load.ModelTexts;
import io.metalmarlin.runtime.load.Models;
import io.metalmarlin.runtime.model.Model;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.node.ObjectNode;

/// `marlin eval MODEL`: perplexity, and against a reference KL divergence and top-1 agreement; or
/// the raw logits of given token ids.
@CommandLine.Command(
    name = "eval",
    header = "Measure perplexity, and KL divergence from a reference.",
    sortOptions = false)
final class EvalCommand extends Command {
  static final String CPU = "cpu";

  private static final String GATE_HINT =
      "Quantize with a better method or more calibration text, or loosen the gate.";

  @Parameters(paramLabel = "MODEL", description = "Folder, org/name[@revision][:FILE] or demo.")
  String model = "";

  @Option(
      names = "--reference",
      paramLabel = "MODEL|FILE",
      description = "What to compare with: a model, or what --save-reference wrote.")
  @Nullable String reference;

  @Option(
      names = "--save-reference",
      paramLabel = "FILE",
      description =
          "Keep what the model computes (.safetensors, its last hidden states), so that later runs"
              + " compare with it without running it.")
  @Nullable Path saveReference;

  @Option(
      names = "--text",
      paramLabel = "FILE",
      description = "Text to measure on, .txt or .jsonl (embedded:evaluation).")
  @Nullable Path text;

  @Option(
      names = "--context",
      paramLabel = "N",
      description = "Tokens of one window; its second half is scored (512).")
  @Nullable Integer context;

  @Option(
      names = "--max-windows",
      paramLabel = "N",
      description = "Measure at most N windows, evenly spaced (all).")
  @Nullable Integer maxWindows;

  @Mixin CacheOptions cache = new CacheOptions();

  @Mixin GateOptions gates = new GateOptions();

  @Option(
      names = "--input-ids",
      paramLabel = "IDS",
      converter = IdsConverter.class,
      description = "Instead of a text: token ids, separated by commas; needs --dump-logits.")
  IdsConverter.@Nullable Ids inputIds;

  @Option(
      names = "--dump-logits",
      paramLabel = "FILE",
      description = "Write the logits of --input-ids: safetensors, tensor logits, F32 [T, V].")
  @Nullable Path dumpLogits;

  @Mixin SourceOptions sources = new SourceOptions();
  @Mixin WorkOptions work = new WorkOptions();

  @Override
  protected boolean verbose() {
    return work.verbose;
  }

  @Override
  public Outcome execute(Session session) throws IOException {
    check();
    int threads = work.threads();
    try (Model opened = Models.open(NamedModel.find(model, sources, session).folder());
        Backend backend = Backends.open(CPU, threads);
        Decoder decoder = new Decoder(opened.spec(), opened.weights(), backend)) {
      session.console().detail("device: " + backend.name());
      if (inputIds != null && dumpLogits != null) {
        return LogitsDump.run(decoder, inputIds.array(), dumpLogits);
      }
      return measure(session, opened, decoder, backend);
    }
  }

  private Outcome measure(Session session, Model opened, Decoder decoder, Backend backend)
      throws IOException {
    EvaluationText source = EvaluationText.read(text);
    int[] ids = ModelTexts.tokenizer(opened).encode(source.text());
    int window = context == null ? EvalOptions.DEFAULTS.context() : context;
    int most = maxWindows == null ? EvalOptions.DEFAULTS.maxWindows() : maxWindows;
    CountProgress progress =
        new CountProgress(session.console(), "window", JobProgress::systemSeconds);
    SaveReference save =
        saveReference == null ? null : new SaveReference(saveReference, sourceName());
    EvalOptions options = new EvalOptions(window, most, cache.format(), save);
    EvalResult result;
    try (Workers workers = new Workers(work.threads())) {
      Evaluator evaluator = new Evaluator(workers);
      if (reference == null) {
        result = evaluator.run(decoder, null, ids, options, progress);
      } else {
        try (ReferenceFile file = referenceFile();
            Model other = open(file == null ? reference : file.source(), session);
            Decoder against = new Decoder(other.spec(), other.weights(), backend)) {
          Baseline baseline = new Baseline(against, file);
          result = evaluator.measure(decoder, baseline, ids, options, progress);
        }
      }
    }
    return report(result, source.name());
  }

  private @Nullable ReferenceFile referenceFile() {
    Path path = Path.of(String.valueOf(reference));
    return ReferenceFile.is(path) ? ReferenceFile.open(path) : null;
  }

  private Model open(String name, Session session) throws IOException {
    return Models.open(NamedModel.find(name, sources, session).folder());
  }

  /// The model as somebody in another folder finds it.
  private String sourceName() {
    Path path = Path.of(model);
    return Files.exists(path) ? path.toAbsolutePath().toString() : model;
  }

  private Outcome report(EvalResult result, String name) {
    List<GateResult> outcomes = gates.any() ? QualityGates.check(result, gates.gates()) : List.of();
    ObjectNode json = EvaluationView.json(result, name);
    json.set("gates", GateView.json(outcomes, result));
    result
        .cache()
        .ifPresentOrElse(
            use -> json.set("kv_cache", CacheView.json(use)),
            () -> Json.missing(json, "kv_cache", "keys and values were not rounded"));
    String text = EvaluationView.text(result, name) + GateView.text(outcomes);
    List<Failure> failures =
        QualityGates.failure(new Proof(result, name, outcomes), "", GATE_HINT)
            .map(e -> List.of(Failure.of(e)))
            .orElse(List.of());
    return new Outcome(json, text, failures);
  }

  private void check() {
    gates.check();
    if (saveReference != null && cache.format() != null) {
      throw UsageErrors.conflict(
          "--save-reference",
          "keeps what a model computes without rounding, --kv-cache rounds",
          "Leave one of them out.");
    }
    if (saveReference != null && !saveReference.toString().endsWith(".safetensors")) {
      throw UsageErrors.badValue(
          "--save-reference", saveReference.toString(), "must end in .safetensors");
    }
    if (inputIds == null && dumpLogits == null) {
      if (gates.any() && reference == null) {
        throw UsageErrors.conflict(
            "--reference", "is missing: a quality gate compares with it", "Name the source model.");
      }
      if (maxWindows != null && maxWindows < 1) {
        throw UsageErrors.badValue("--max-windows", maxWindows.toString(), "must be at least 1");
      }
      return;
    }
    if (inputIds == null || dumpLogits == null) {
      throw UsageErrors.conflict(
          inputIds == null ? "--dump-logits" : "--input-ids",
          "needs " + (inputIds == null ? "--input-ids" : "--dump-logits"),
          "Give both, for example --input-ids 1,2,3 --dump-logits logits.safetensors.");
    }
    if (reference != null
        || text != null
        || context != null
        || maxWindows != null
        || cache.kvCache != null
        || saveReference != null
        || gates.any()) {
      throw UsageErrors.conflict(
          "--input-ids",
          "replaces the text, so nothing is measured and no window or gate applies",
          "Leave out --reference, --save-reference, --text, --context, --max-windows, --kv-cache and"
              + " the gates.");
    }
  }
}
