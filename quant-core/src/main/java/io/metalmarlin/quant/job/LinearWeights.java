package io.metalmarlin.quant.job;

import io.metalmarlin.quant.plan.Step;
import io.metalmarlin.quant.solve.DriftTarget;
import io.metalmarlin.quant.solve.TensorScales;
import io.metalmarlin.quant.transform.Transform;
import io.metalmarlin.quant.transform.Transforms;
import io.metalmarlin.runtime.blas.Workers;
import io.metalmarlin.runtime.cpu.CpuKernels;
import io.metalmarlin.runtime.cpu.kernel.WeightKernel;
import io.metalmarlin.runtime.model.Model;
import io.metalmarlin.runtime.model.StoredMatrix;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// The weights of one linear, read in row tiles as fp32 in the stored (transformed) basis, so that
/// no whole matrix is ever held: those of the source, and those that a solver is to come close to.
final class LinearWeights {
  private final StoredMatrix.Dense dense;
  private final WeightKernel kernel;
  private final Transform transform;
  private final @Nullable DriftTarget target;

  /// @param target what makes up for the drift of the input; null for none
  LinearWeights(Model model, Step.Quantize step, @Nullable DriftTarget target) {
    // The plan refused packed sources, so the matrix is dense.
    this.dense = (StoredMatrix.Dense) model.weights().matrix(step.linear());
    this.kernel = CpuKernels.SIMD.weightsFor(dense);
    this.transform = Transforms.of(step.transform());
    this.target = target;
  }

  int rows() {
    return dense.rows();
  }

  int cols() {
    return dense.cols();
  }

  /// Whether solvers get anything else than the source's weights.
  boolean moved() {
    return target != null;
  }

  /// Fills `out` (`[to - from, cols]` fp32) with the rows `[from, to)` that a solver gets.
  void read(int from, int to, MemorySegment out) {
    kernel.decode(dense, from, to, out);
    if (target != null) {
      target.applyToRows(out, to - from);
    }
    transform.applyToRows(out, to - from, cols());
  }

  /// The same rows of the source in the basis in which inputs are collected.
  void readUntransformed(int from, int to, MemorySegment out) {
    kernel.decode(dense, from, to, out);
  }

  /// The same rows of the source.
  void readSource(int from, int to, MemorySegment out) {
    kernel.decode(dense, from, to, out);
    transform.applyToRows(out, to - from, cols());
  }

  /// The largest absolute value of what a solver gets.
  float absMax(Workers workers, int tileRows) {
    int tiles = Math.ceilDiv(rows(), tileRows);
    float[] partial = new float[tiles];
    workers.run(
        tiles,
        t -> {
          int from = t * tileRows;
          int to = Math.min(rows(), from + tileRows);
          try (Arena arena = Arena.ofConfined()) {
            long n = (long) (to - from) * cols();
            MemorySegment w = arena.allocate(4 * n, 64);
            read(from, to, w);
            partial[t] = TensorScales.absMax(w, n);
          }
        });
    float max = 0;
    for (float p : partial) {
      max = Math.max(max, p);
    }
    return max;
  }
}
