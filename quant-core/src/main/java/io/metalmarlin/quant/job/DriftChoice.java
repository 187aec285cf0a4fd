package io.metalmarlin.quant.job;

import io.metalmarlin.quant.calibrate.CollectedInput;
import io.metalmarlin.quant.calibrate.HeldOut;
import io.metalmarlin.quant.calibrate.InputDrift;
import io.metalmarlin.quant.calibrate.InputStatistics;
import io.metalmarlin.quant.plan.Drift;
import io.metalmarlin.quant.solve.DriftTarget;
import io.metalmarlin.quant.solve.DriftTrial;
import io.metalmarlin.runtime.blas.Workers;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Decides what the solvers of one input's linears get instead of the source's weights.
final class DriftChoice {
  /// Rows of each linear that a choice rests on, evenly spread.
  private static final int ROWS = 128;

  private DriftChoice() {}

  /// @param drift what the recipe asks for
  /// @param collected of the input; its drift is used up
  /// @param linears that read it
  /// @return null where the weights stay the source's
  static @Nullable DriftTarget target(
      Drift drift, CollectedInput collected, List<LinearWeights> linears, Workers workers) {
    InputDrift moved = collected.drift();
    HeldOut heldOut = collected.heldOut();
    if (moved == null || drift.automatic() && heldOut == null) {
      return null;
    }
    DriftTarget target = DriftTarget.of(collected.statistics(), moved, drift.share(), workers);
    if (!drift.automatic() || heldOut == null) {
      return target;
    }
    try {
      double share = share(target, heldOut, linears);
      if (share > 0) {
        addKept(target, collected.statistics(), moved.tokens(), heldOut.drift(), workers);
        return target.withShare(share);
      }
    } catch (RuntimeException e) {
      target.close();
      throw e;
    }
    target.close();
    return null;
  }

  /// Once the share is chosen the tokens that were kept back count like all others.
  private static void addKept(
      DriftTarget target,
      InputStatistics statistics,
      long tokens,
      InputDrift kept,
      Workers workers) {
    double part = (double) kept.tokens() / (kept.tokens() + tokens);
    try (DriftTarget rest = DriftTarget.of(statistics, kept, 1, workers)) {
      target.mix(rest, part);
    }
  }

  private static double share(DriftTarget target, HeldOut heldOut, List<LinearWeights> linears) {
    DriftTrial trial = new DriftTrial(target, heldOut);
    for (LinearWeights weights : linears) {
      int rows = Math.min(ROWS, weights.rows());
      long row = 4L * weights.cols();
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment sample = arena.allocate(row * rows, 64);
        for (int i = 0; i < rows; i++) {
          int at = (int) ((long) i * weights.rows() / rows);
          weights.readUntransformed(at, at + 1, sample.asSlice(i * row, row));
        }
        trial.add(sample, rows);
      }
    }
    return trial.share();
  }
}
