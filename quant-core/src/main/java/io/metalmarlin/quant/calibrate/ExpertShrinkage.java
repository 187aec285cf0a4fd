package io.metalmarlin.quant.calibrate;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE_UNALIGNED;

import io.metalmarlin.runtime.blas.Workers;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/// Statistics of experts that few tokens reached lean on those of the others: `H = s H_e + (1 - s)
/// H_0` with `s = min(1, tokens / (4 columns))` and `H_0` the mean of all, weighted by tokens.
///
/// Only for experts that read the same input, the hidden state: the inner values of different
/// experts have nothing in common that a mean could keep.
public final class ExpertShrinkage {
  /// Tokens for each column from which on an expert's own statistics count alone.
  private static final int ENOUGH = 4;

  private ExpertShrinkage() {}

  /// Changes the matrices in place and keeps the counts of tokens.
  ///
  /// @param experts of one layer that read one input
  /// @return for each how much of its statistics is its own
  public static List<Double> shrink(List<InputStatistics> experts, Workers workers) {
    long total = experts.stream().mapToLong(InputStatistics::tokens).sum();
    boolean enough = experts.stream().allMatch(s -> share(s) == 1);
    if (total == 0 || enough) {
      return Collections.nCopies(experts.size(), 1.0);
    }
    List<Double> shares = experts.stream().map(ExpertShrinkage::share).toList();
    List<MemorySegment> matrices = experts.stream().map(s -> ArrayMemory.of(s.hessian())).toList();
    int cols = experts.getFirst().cols();
    workers.run(cols, row -> row(experts, matrices, total, row, cols));
    return shares;
  }

  /// The same statistics, with the largest input of all for an expert that no token reached: where
  /// a scale of inputs is stored, runtimes use one for all experts of a layer.
  public static List<InputStatistics> withInputs(List<InputStatistics> experts) {
    float largest = 0;
    for (InputStatistics s : experts) {
      largest = Math.max(largest, s.absMax());
    }
    List<InputStatistics> all = new ArrayList<>();
    for (InputStatistics s : experts) {
      all.add(s.tokens() > 0 ? s : new InputStatistics(s.hessian(), s.tokens(), largest));
    }
    return all;
  }

  private static void row(
      List<InputStatistics> experts, List<MemorySegment> matrices, long total, int row, int cols) {
    long from = (long) row * cols * Double.BYTES;
    double[] mean = new double[cols];
    double[] own = new double[cols];
    for (int e = 0; e < experts.size(); e++) {
      double weight = (double) experts.get(e).tokens() / total;
      MemorySegment.copy(matrices.get(e), JAVA_DOUBLE_UNALIGNED, from, own, 0, cols);
      for (int c = 0; c < cols && weight > 0; c++) {
        mean[c] += weight * own[c];
      }
    }
    for (int e = 0; e < experts.size(); e++) {
      double share = share(experts.get(e));
      if (share < 1) {
        MemorySegment.copy(matrices.get(e), JAVA_DOUBLE_UNALIGNED, from, own, 0, cols);
        for (int c = 0; c < cols; c++) {
          own[c] = share * own[c] + (1 - share) * mean[c];
        }
        MemorySegment.copy(own, 0, matrices.get(e), JAVA_DOUBLE_UNALIGNED, from, cols);
      }
    }
  }

  /// Tokens from which on the statistics of an input count alone.
  public static long enough(int cols) {
    return (long) ENOUGH * cols;
  }

  private static double share(InputStatistics s) {
    return Math.min(1, (double) s.tokens() / enough(s.cols()));
  }
}
