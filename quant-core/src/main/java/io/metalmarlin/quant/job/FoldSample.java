package io.metalmarlin.quant.job;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import io.metalmarlin.quant.calibrate.InputStatistics;
import io.metalmarlin.quant.plan.Step;
import io.metalmarlin.quant.solve.HessianNorm;
import io.metalmarlin.runtime.model.Model;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// Some rows of one linear, evenly spread.
///
/// @param weights of the source in the basis of the input, row-major
/// @param norm `tr(W H W')` over tokens held out; no fold and no rotation changes it
record FoldSample(Step.Quantize step, float[] weights, int rows, double norm) {
  /// @param most rows
  static FoldSample of(Model model, Step.Quantize step, int most, InputStatistics heldOut) {
    LinearWeights source = new LinearWeights(model, step, null);
    int rows = Math.min(most, source.rows());
    int cols = source.cols();
    float[] weights = new float[rows * cols];
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment row = arena.allocate(4L * cols, 64);
      for (int i = 0; i < rows; i++) {
        int at = (int) ((long) i * source.rows() / rows);
        source.readUntransformed(at, at + 1, row);
        MemorySegment.copy(row, JAVA_FLOAT_UNALIGNED, 0, weights, i * cols, cols);
      }
    }
    double norm = HessianNorm.of(MemorySegment.ofArray(weights), rows, heldOut);
    return new FoldSample(step, weights, rows, norm);
  }
}
