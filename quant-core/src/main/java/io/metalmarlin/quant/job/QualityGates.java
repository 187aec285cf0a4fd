package io.metalmarlin.quant.job;

import io.metalmarlin.quant.job.JobOptions.GateResult;
import io.metalmarlin.quant.job.JobOptions.Gates;
import io.metalmarlin.quant.job.JobOptions.Proof;
import io.metalmarlin.runtime.eval.EvalResult;
import io.metalmarlin.runtime.eval.EvalResult.Divergence;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/// Compares what was measured with quality limits, for a job before it publishes and for `eval`
/// alike.
public final class QualityGates {
  private QualityGates() {}

  /// The outcome of each limit that was set. The unfavourable end of the 95 % interval is compared
  /// unless the mean was asked for.
  ///
  /// @param result measured against a reference
  public static List<GateResult> check(EvalResult result, Gates gates) {
    Divergence d = result.divergence().orElseThrow();
    boolean onMean = gates.onMean();
    List<GateResult> out = new ArrayList<>();
    gates
        .maxKld()
        .ifPresent(limit -> {
          double v = onMean ? d.mean().mean() : d.mean().high();
          out.add(new GateResult("max-kld", limit, v, v <= limit));
        });
    gates
        .maxPplIncrease()
        .ifPresent(limit -> {
          double log = onMean ? d.logPerplexityRatio().mean() : d.logPerplexityRatio().high();
          double v = Math.expm1(log);
          out.add(new GateResult("max-ppl-increase", limit, v, v <= limit));
        });
    gates
        .minTop1()
        .ifPresent(limit -> {
          double v = onMean ? d.top1().mean() : d.top1().low();
          out.add(new GateResult("min-top1", limit, v, v >= limit));
        });
    return out;
  }

  /// The error that names every failed limit; empty when all passed.
  ///
  /// @param consequence what happened because of it, for example `the output was not published`
  public static Optional<GateFailedException> failure(
      Proof proof, String consequence, String hint) {
    List<GateResult> failed = proof.gates().stream().filter(g -> !g.pass()).toList();
    if (failed.isEmpty()) {
      return Optional.empty();
    }
    String text = failed.stream().map(QualityGates::describe).collect(Collectors.joining("; "));
    return Optional.of(
        new GateFailedException(
            proof, consequence.isEmpty() ? text : text + "; " + consequence, hint));
  }

  private static String describe(GateResult g) {
    return Double.isNaN(g.value())
        ? "%s cannot be checked: fewer than two windows have no 95 %% interval".formatted(g.name())
        : "%s is %.4g, the limit is %.4g".formatted(g.name(), g.value(), g.limit());
  }
}
