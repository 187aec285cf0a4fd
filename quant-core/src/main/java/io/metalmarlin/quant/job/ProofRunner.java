package io.metalmarlin.quant.job;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.quant.calibrate.CalibrationTexts;
import io.metalmarlin.quant.job.JobOptions.Proof;
import io.metalmarlin.quant.plan.Plan;
import io.metalmarlin.runtime.backend.Backend;
import io.metalmarlin.runtime.blas.Workers;
import io.metalmarlin.runtime.decode.Decoder;
import io.metalmarlin.runtime.eval.EvalOptions;
import io.metalmarlin.runtime.eval.EvalResult;
import io.metalmarlin.runtime.eval.Evaluator;
import io.metalmarlin.runtime.load.ModelTexts;
import io.metalmarlin.runtime.load.Models;
import io.metalmarlin.runtime.model.Model;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// Measures the written files against the source before they are published, and checks the gates.
final class ProofRunner {
  private static final String EMBEDDED_TEXT = "embedded:evaluation";
  private static final String GATE_HINT =
      "Use a better method or more calibration text, or loosen the gate; the finished blocks are kept and"
          + " the same command with another gate does not solve them again.";

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

  /// Refuses gates before anything is written when nothing could be measured.
  void check() {
    Optional<String> why = unmeasurable();
    if (options.gates().any() && why.isPresent()) {
      throw new MarlinException(
          ErrorCode.BAD_FLAG,
          plan.model().folder().toString(),
          why.get() + ", so no gate can be checked",
          "Leave out --max-kld, --max-ppl-increase and --min-top1.");
    }
  }

  private Optional<String> unmeasurable() {
    if (!plan.model().spec().runnable()) {
      return Optional.of(
          "model_type \"" + plan.model().spec().family() + "\" is not run in this version");
    }
    return ModelTexts.findTokenizer(plan.model()).isPresent()
        ? Optional.empty()
        : Optional.of("the model has no tokenizer");
  }

  /// @return what was measured; empty when no proof was asked for
  /// @throws GateFailedException naming every failed gate
  Optional<Proof> run(Path written) {
    if (options.proofWindows() == 0) {
      return Optional.empty();
    }
    Optional<String> why = unmeasurable();
    if (why.isPresent()) {
      listener.warning(
          "W202",
          plan.model().folder().toString(),
          why.get() + ", so the output was not measured against the source");
      return Optional.empty();
    }
    listener.stage("proof");
    List<String> documents =
        options.proofText().orElseGet(() -> CalibrationTexts.documents(EMBEDDED_TEXT));
    int[] ids = ModelTexts.tokenizer(plan.model()).encode(String.join("", documents));
    int context = Math.min(EvalOptions.DEFAULTS.context(), plan.model().spec().maxPositions());
    EvalOptions eval = new EvalOptions(context, options.proofWindows());
    Model source = plan.model();
    try (Model model = Models.open(written);
        Decoder quantized = new Decoder(model.spec(), model.weights(), backend);
        Decoder reference = new Decoder(source.spec(), source.weights(), backend)) {
      EvalResult result =
          new Evaluator(workers).run(quantized, reference, ids, eval, listener::progress);
      Proof proof =
          new Proof(
              result,
              options.proofText().isPresent() ? "--eval-text" : EMBEDDED_TEXT,
              QualityGates.check(result, options.gates()));
      Optional<GateFailedException> failure =
          QualityGates.failure(proof, "the output was not published", GATE_HINT);
      if (failure.isPresent()) {
        throw failure.get();
      }
      return Optional.of(proof);
    }
  }
}
