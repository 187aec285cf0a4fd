package io.metalmarlin.quant.job;

import io.metalmarlin.quant.plan.Step;
import io.metalmarlin.quant.solve.TensorScales;
import io.metalmarlin.quant.transform.Transform;
import io.metalmarlin.runtime.blas.Workers;
import io.metalmarlin.runtime.cpu.CpuKernels;
import io.metalmarlin.runtime.cpu.kernel.WeightKernel;
import io.metalmarlin.runtime.model.Model;
import io.metalmarlin.runtime.model.StoredMatrix;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// The source weights of one linear, read in row tiles as fp32 in the stored (transformed) basis,
/// so that no whole matrix is ever held.
final class LinearWeights {
  private final StoredMatrix.Dense dense;
  private final WeightKernel kernel;
  private final Transform transform;

  LinearWeights(Model model, Step.Quantize step, Transform transform) {
    // The plan refused packed sources, so the matrix is dense.
    this.dense = (StoredMatrix.Dense) model.weights().matrix(step.linear());
    this.kernel = CpuKernels.SIMD.weightsFor(dense);
    this.transform = transform;
  }

  int rows() {
    return dense.rows();
  }

  int cols() {
    return dense.cols();
  }

  /// Fills `target` (`[to - from, cols]` fp32) with the rows `[from, to)`.
  void read(int from, int to, MemorySegment target) {
    kernel.decode(dense, from, to, target);
    transform.applyToRows(target, to - from, cols());
  }

  /// The largest absolute value of the matrix.
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
