package io.metalmarlin.quant.job;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import io.metalmarlin.formats.scheme.Profile;
import io.metalmarlin.formats.scheme.QuantizedMatrix;
import io.metalmarlin.quant.solve.SolveOptions;
import io.metalmarlin.runtime.blas.Workers;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// Scales of groups that span several rows (FP8 blocks, FP8 with one scale a tensor): they follow
/// the producer's absmax rule and are chosen before rows are solved in tiles.
final class SharedScales {
  private SharedScales() {}

  static boolean needed(QuantizedMatrix matrix) {
    return matrix.scheme().groupRows() > 1;
  }

  /// Stores the scale of every group.
  ///
  /// @param fusedAbsMax largest absolute value of the fused set: runtimes that join its matrices
  ///   need one scale where there is one a tensor
  static void choose(
      QuantizedMatrix matrix,
      LinearWeights weights,
      SolveOptions options,
      float fusedAbsMax,
      Workers workers) {
    if (matrix.groupRows() >= matrix.rows() && matrix.groups() == 1) {
      put(matrix, 0, 0, -fusedAbsMax, fusedAbsMax, options);
      return;
    }
    int height = matrix.groupRows();
    int cols = matrix.cols();
    workers.run(
        Math.ceilDiv(matrix.rows(), height),
        block -> {
          int from = block * height;
          int to = Math.min(matrix.rows(), from + height);
          try (Arena arena = Arena.ofConfined()) {
            MemorySegment w = arena.allocate(4L * (to - from) * cols, 64);
            weights.read(from, to, w);
            for (int g = 0; g < matrix.groups(); g++) {
              float[] range = {Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY};
              int right = Math.min(cols, (g + 1) * matrix.groupSize());
              for (int row = 0; row < to - from; row++) {
                for (int col = g * matrix.groupSize(); col < right; col++) {
                  float x = w.getAtIndex(JAVA_FLOAT_UNALIGNED, (long) row * cols + col);
                  range[0] = Math.min(range[0], x);
                  range[1] = Math.max(range[1], x);
                }
              }
              put(matrix, from, g, range[0], range[1], options);
            }
          }
        });
  }

  private static void put(
      QuantizedMatrix matrix, int row, int group, float min, float max, SolveOptions options) {
    Profile.Fit fit = options.profile().fit(min, max, matrix.tensorScale(), options.source());
    matrix.putGroup(row, group, fit.scale(), fit.zero());
  }

  /// The rows `[from, to)` as a matrix of their own, with the scales that rule them.
  static QuantizedMatrix rows(QuantizedMatrix m, int from, int to) {
    if (m.groupRows() == 1 || m.groupRows() < m.rows()) {
      return m.rows(from, to);
    }
    long stride = m.codeStride();
    return new QuantizedMatrix(
        m.scheme(),
        to - from,
        m.cols(),
        m.codes().asSlice(from * stride, (to - from) * stride),
        m.scales(),
        m.tensorScale());
  }
}
