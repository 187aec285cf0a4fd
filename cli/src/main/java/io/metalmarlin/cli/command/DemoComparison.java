package io.metalmarlin.cli.command;

import io.metalmarlin.cli.out.Failure;
import io.metalmarlin.cli.out.ShellWords;
import io.metalmarlin.cli.progress.ResidentMemory;
import io.metalmarlin.cli.view.ComparisonView;
import io.metalmarlin.cli.view.ComparisonView.Row;
import io.metalmarlin.cli.view.JobView;
import io.metalmarlin.quant.job.GateFailedException;
import io.metalmarlin.quant.job.JobCancelledException;
import io.metalmarlin.quant.job.JobOptions;
import io.metalmarlin.quant.job.JobResult;
import io.metalmarlin.quant.plan.Plan;
import io.metalmarlin.quant.plan.RecipeRequest;
import io.metalmarlin.quant.plan.Step;
import io.metalmarlin.runtime.eval.EvalResult;
import io.metalmarlin.runtime.eval.EvalResult.Divergence;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/// `marlin quantize demo`: the embedded model with every method, measured on the same windows, as
/// one table. Only the last method's output stays.
final class DemoComparison {
  private static final List<String> METHODS = List.of("rtn", "gptq", "mr-gptq", "full");

  // Half of the calibration tokens that `quantize` takes by default: the demo should end in a
  // minute.
  private static final int SAMPLES = 64;
  private static final int SEQ_LEN = 512;

  private final Quantization run;
  private final RecipeRequest request;
  private final @Nullable Path output;
  private final List<Row> rows = new ArrayList<>();

  DemoComparison(Quantization run, RecipeRequest request, @Nullable Path output) {
    this.run = run;
    this.request = request;
    this.output = output;
  }

  Outcome run() throws IOException {
    Path scratch = Files.createTempDirectory("marlin-demo-");
    // The kept output is planned first, so that every refusal comes before the first method runs.
    try (Quantization.Prepared kept = run.prepare(request(METHODS.getLast()), output)) {
      List<Failure> refusals = run.refusals(kept.plan());
      if (!refusals.isEmpty()) {
        return new Outcome(null, "", refusals);
      }
      return compare(kept.plan(), scratch);
    } finally {
      delete(scratch);
    }
  }

  private Outcome compare(Plan kept, Path scratch) {
    run.takeSignals();
    boolean resumable = false;
    try {
      for (String method : METHODS.subList(0, METHODS.size() - 1)) {
        try (Quantization.Prepared p = run.prepare(request(method), scratch.resolve(method))) {
          measure(method, p.plan(), run.ungated());
        }
      }
      resumable = true;
      JobResult result = measure(METHODS.getLast(), kept, run.options());
      rows.addFirst(source(kept, result));
      ObjectNode json = JobView.json(kept, result, rows.getLast().peakMemory(), null);
      json.set("comparison", ComparisonView.json(rows));
      run.console()
          .message(
              "%s holds the %s output; try: marlin run %s --prompt \"Once upon a time\""
                  .formatted(result.output(), METHODS.getLast(), result.output()));
      run.console()
          .message(
              "a page about it: marlin "
                  + ShellWords.join(List.of("report", result.output().toString())));
      return Outcome.ok(json, ComparisonView.text(rows) + protocol(result));
    } catch (GateFailedException e) {
      return run.gateFailed(e);
    } catch (JobCancelledException e) {
      return Outcome.failed(resumable ? run.interrupted(e, kept) : run.abandoned());
    }
  }

  private JobResult measure(String method, Plan plan, JobOptions options) {
    boolean own = ResidentMemory.resetPeak();
    JobResult r = run.job(plan, options, method);
    OptionalLong peak = own ? ResidentMemory.peak() : OptionalLong.empty();
    Optional<EvalResult> proof = r.proof().map(JobOptions.Proof::result);
    Optional<Divergence> divergence = proof.flatMap(EvalResult::divergence);
    rows.add(
        new Row(
            method,
            r.bitsPerWeight(),
            r.outputBytes(),
            number(proof.map(p -> p.perplexity().mean())),
            number(divergence.map(d -> d.mean().mean())),
            number(divergence.map(d -> d.top1().mean())),
            OptionalDouble.of(r.seconds() - proof.map(EvalResult::seconds).orElse(0.0)),
            peak));
    return r;
  }

  /// The source as a row: its perplexity is the reference side of the last measurement.
  private static Row source(Plan plan, JobResult result) {
    double bits = 0;
    double weights = 0;
    for (Step.Quantize q : plan.quantized()) {
      bits += 8.0 * q.sourceBytes();
      weights += (double) q.linear().out() * q.linear().in();
    }
    return new Row(
        plan.quantized().getFirst().source().dtype().name().toLowerCase(Locale.ROOT),
        bits / weights,
        plan.sourceBytes(),
        number(
            result
                .proof()
                .flatMap(p -> p.result().divergence())
                .map(Divergence::referencePerplexity)),
        OptionalDouble.empty(),
        OptionalDouble.empty(),
        OptionalDouble.empty(),
        OptionalLong.empty());
  }

  private static String protocol(JobResult result) {
    return result
        .proof()
        .map(p ->
            "%s on %s, %d windows; KLD and top-1 against the source; time without measuring%n"
                .formatted(p.result().protocol(), p.text(), p.result().windows()))
        .orElse("");
  }

  private static OptionalDouble number(Optional<Double> d) {
    return d.map(OptionalDouble::of).orElseGet(OptionalDouble::empty);
  }

  /// The request for one method; rounding takes no calibration flags.
  private RecipeRequest request(String method) {
    boolean calibrated = !method.equals("rtn");
    return new RecipeRequest(
        request.scheme(),
        request.groupSize(),
        request.sparsity(),
        request.sparsityMethod(),
        Optional.of(method),
        request.target(),
        request.scales(),
        request.transform(),
        calibrated ? request.damping() : OptionalDouble.empty(),
        calibrated ? request.shrink() : OptionalDouble.empty(),
        calibrated ? request.order() : Optional.empty(),
        calibrated ? request.refine() : OptionalInt.empty(),
        calibrated ? request.drift() : Optional.empty(),
        calibrated ? request.fold() : Optional.empty(),
        calibrated ? request.dataset() : Optional.empty(),
        calibrated ? OptionalInt.of(request.samples().orElse(SAMPLES)) : OptionalInt.empty(),
        calibrated ? OptionalInt.of(request.seqLen().orElse(SEQ_LEN)) : OptionalInt.empty(),
        request.imatrix(),
        request.ignore(),
        request.overrides(),
        request.seed());
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path p : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(p);
      }
    }
  }
}
