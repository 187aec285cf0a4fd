package io.metalmarlin.runtime.eval;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.runtime.eval.EvalResult.Divergence;
import io.metalmarlin.runtime.eval.EvalResult.Interval;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/// What is measured at each scored position, windows one after another: the negative log-likelihood
/// of the next token under the model and the reference, their divergence, and whether their most
/// probable tokens agree.
final class PositionScores {
  private final int perWindow;
  private final int vocabulary;
  private final double[] nll;
  private final double[] referenceNll;
  private final double[] kld;
  private final double[] agree;

  PositionScores(int windows, int perWindow, int vocabulary, boolean withReference) {
    this.perWindow = perWindow;
    this.vocabulary = vocabulary;
    this.nll = new double[windows * perWindow];
    int size = withReference ? nll.length : 0;
    this.referenceNll = new double[size];
    this.kld = new double[size];
    this.agree = new double[size];
  }

  /// Scores the model alone.
  ///
  /// @param at index among all positions of this object
  /// @param offset byte of the position's row of logits
  void model(int at, MemorySegment logits, long offset, int target) {
    int top = top(logits, offset, at, "model");
    nll[at] = logSum(logits, offset, top) - logit(logits, offset, target);
  }

  /// Scores model and reference at the same position.
  void pair(int at, MemorySegment reference, MemorySegment model, long offset, int target) {
    int top = top(model, offset, at, "model");
    int referenceTop = top(reference, offset, at, "reference");
    double logSum = logSum(model, offset, top);
    double referenceLogSum = logSum(reference, offset, referenceTop);
    nll[at] = logSum - logit(model, offset, target);
    referenceNll[at] = referenceLogSum - logit(reference, offset, target);
    double difference =
        LogitRows.meanDifference(reference, offset, referenceLogSum, model, offset, vocabulary);
    // Rounding may leave a divergence of zero slightly negative.
    kld[at] = Math.max(0, difference - referenceLogSum + logSum);
    agree[at] = top == referenceTop ? 1 : 0;
  }

  Interval meanNll() {
    return Statistics.mean(nll, perWindow);
  }

  Divergence divergence() {
    double[] sorted = kld.clone();
    Arrays.sort(sorted);
    double[] ratios = new double[nll.length];
    for (int i = 0; i < ratios.length; i++) {
      ratios[i] = nll[i] - referenceNll[i];
    }
    return new Divergence(
        Statistics.mean(kld, perWindow),
        Statistics.quantile(sorted, 0.5),
        Statistics.quantile(sorted, 0.9),
        Statistics.quantile(sorted, 0.95),
        Statistics.quantile(sorted, 0.99),
        Statistics.quantile(sorted, 0.999),
        sorted[sorted.length - 1],
        Statistics.mean(agree, perWindow),
        Math.exp(Statistics.mean(referenceNll, perWindow).mean()),
        Statistics.mean(ratios, perWindow),
        Histogram.of(sorted));
  }

  private int top(MemorySegment logits, long offset, int at, String who) {
    int top = LogitRows.top(logits, offset, vocabulary);
    if (top < 0) {
      throw new MarlinException(
          ErrorCode.NUMERIC_FAILURE,
          "window " + at / perWindow + ", scored position " + at % perWindow,
          "the " + who + "'s logits are not finite",
          "The checkpoint holds weights that overflow or are not finite; check where it came"
              + " from.");
    }
    return top;
  }

  private double logSum(MemorySegment logits, long offset, int top) {
    return LogitRows.logSum(logits, offset, vocabulary, logit(logits, offset, top));
  }

  private static float logit(MemorySegment logits, long offset, int token) {
    return logits.get(ValueLayout.JAVA_FLOAT, offset + 4L * token);
  }
}
