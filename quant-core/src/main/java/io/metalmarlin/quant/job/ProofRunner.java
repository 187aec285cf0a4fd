package io.metalmarlin.quant.job;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.quant.calibrate.CalibrationTexts;
import io.metalmarlin.quant.job.JobOptions.GateResult;
import io.metalmarlin.quant.job.JobOptions.Gates;
import io.metalmarlin.quant.job.JobOptions.Proof;
import io.metalmarlin.quant.plan.Plan;
import io.metalmarlin.runtime.backend.Backend;
import io.metalmarlin.runtime.blas.Workers;
import io.metalmarlin.runtime.decode.Decoder;
import io.metalmarlin.runtime.eval.EvalOptions;
import io.metalmarlin.runtime.eval.EvalResult;
import io.metalmarlin.runtime.eval.EvalResult.Divergence;
import io.metalmarlin.runtime.eval.Evaluator;
import io.metalmarlin.runtime.model.Model;
import io.metalmarlin.runtime.load.Models;
import io.metalmarlin.runtime.text.Tokenizers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/// Measures the written files against the source before they are published, and checks the gates.
final class ProofRunner {
  private static final String EMBEDDED_TEXT = "embedded:evaluation";

  private final Plan plan;
  private final JobOptions options;
  private final JobListener listener;
  private final Backend backend;
  private final Workers workers;

  ProofRunner(
      Plan plan, JobOptions options, JobListener listener, Backend backend, Workers workers) {
    this.plan = plan;
    this.options = options;
    this.listener = listener;
    this.backend = backend;
    this.workers = workers;
  }

  /// @return what was measured; empty when no proof was asked for
  /// @throws MarlinException `GATE_FAILED` naming every failed gate
  Optional<Proof> run(Path written) {
    if (options.proofWindows() == 0) {
      return Optional.empty();
    }
    listener.stage("proof");
    List<String> documents = options.proofText().orElseGet(() -> CalibrationTexts.documents(EMBEDDED_TEXT));
    int[] ids = Tokenizers.read(plan.model().folder()).encode(String.join("", documents));
    int context = Math.min(EvalOptions.DEFAULTS.context(), plan.model().spec().maxPositions());
    EvalOptions eval = new EvalOptions(context, options.proofWindows());
    Model source = plan.model();
    try (Model model = Models.open(written);
        Decoder quantized = new Decoder(model.spec(), model.weights(), backend);
        Decoder reference = new Decoder(source.spec(), source.weights(), backend)) {
      EvalResult result =
          new Evaluator(workers).run(quantized, reference, ids, eval, listener::progress);
      List<GateResult> gates = gates(result, options.gates());
      requirePassed(gates);
      return Optional.of(
          new Proof(result, options.proofText().isPresent() ? "--eval-text" : EMBEDDED_TEXT, gates));
    }
  }

  /// The outcome of each gate that was set: the upper 95 % bound is compared unless the mean was asked for.
  static List<GateResult> gates(EvalResult result, Gates gates) {
    Divergence d = result.divergence().orElseThrow();
    boolean onMean = gates.onMean();
    List<GateResult> out = new ArrayList<>();
    gates
        .maxKld()
        .ifPresent(
            limit -> {
              double v = onMean ? d.mean().mean() : d.mean().high();
              out.add(new GateResult("max-kld", limit, v, v <= limit));
            });
    gates
        .maxPplIncrease()
        .ifPresent(
            limit -> {
              double log = onMean ? d.logPerplexityRatio().mean() : d.logPerplexityRatio().high();
              double v = Math.exp(log) - 1;
              out.add(new GateResult("max-ppl-increase", limit, v, v <= limit));
            });
    gates
        .minTop1()
        .ifPresent(
            limit -> {
              double v = onMean ? d.top1().mean() : d.top1().low();
              out.add(new GateResult("min-top1", limit, v, v >= limit));
            });
    return out;
  }

  private static void requirePassed(List<GateResult> gates) {
    List<GateResult> failed = gates.stream().filter(g -> !g.pass()).toList();
    if (!failed.isEmpty()) {
      String text =
          failed.stream()
              .map(g -> "%s is %.4g, the limit is %.4g".formatted(g.name(), g.value(), g.limit()))
              .collect(Collectors.joining("; "));
      throw new MarlinException(
          ErrorCode.GATE_FAILED,
          "quality gate",
          text + "; the output was not published",
          "Use a better method or more calibration text, or loosen the gate; the finished blocks are kept"
              + " and the same command with another gate does not solve them again.");
    }
  }
}
