package io.metalmarlin.quant.job;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import io.metalmarlin.formats.scheme.BlockPacking;
import io.metalmarlin.formats.scheme.PackedMatrix;
import io.metalmarlin.formats.scheme.Packing;
import io.metalmarlin.formats.scheme.TensorScale;
import io.metalmarlin.formats.scheme.ggml.BlockForm;
import io.metalmarlin.quant.calibrate.ArrayMemory;
import io.metalmarlin.quant.calibrate.InputStatistics;
import io.metalmarlin.quant.plan.Recipe;
import io.metalmarlin.quant.plan.Step;
import io.metalmarlin.quant.solve.HessianNorm;
import io.metalmarlin.quant.solve.Method;
import io.metalmarlin.quant.solve.Methods;
import io.metalmarlin.quant.solve.SolveOptions;
import io.metalmarlin.quant.solve.Solver;
import io.metalmarlin.quant.solve.TensorScales;
import io.metalmarlin.quant.transform.Transform;
import io.metalmarlin.runtime.blas.Workers;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/// What rounding makes of some rows whose columns, and the input before them, are scaled by powers
/// of two and then transformed. Without refinement, which moves all scalings alike. Safe for use by
/// several threads.
final class FoldTrial {
  private final Recipe recipe;
  private final Method method;
  private final Map<Packing, List<FoldSample>> byPacking = new LinkedHashMap<>();
  private final int samples;
  private final InputStatistics solved;
  private final InputStatistics heldOut;

  /// @param samples linears of one input
  /// @param solved statistics that are solved with; stay valid
  /// @param heldOut statistics of other tokens; likewise
  FoldTrial(
      Recipe recipe, List<FoldSample> samples, InputStatistics solved, InputStatistics heldOut) {
    this.recipe = recipe;
    this.method = Methods.of(recipe.method());
    this.samples = samples.size();
    this.solved = solved;
    this.heldOut = heldOut;
    samples.forEach(
        s -> byPacking.computeIfAbsent(s.step().packing(), p -> new ArrayList<>()).add(s));
  }

  /// The mean relative error on the tokens held out.
  ///
  /// @param exponents of the columns
  double loss(Transform transform, int[] exponents, Workers workers) {
    float[] factors = new float[exponents.length];
    for (int c = 0; c < factors.length; c++) {
      factors[c] = Math.scalb(1f, exponents[c]);
    }
    double sum = 0;
    try (InputStatistics own = divided(solved, factors, transform, workers);
        InputStatistics other = divided(heldOut, factors, transform, workers)) {
      for (List<FoldSample> alike : byPacking.values()) {
        try (PreparedGroup prepared = prepare(alike.getFirst().step(), own, workers)) {
          for (FoldSample s : alike) {
            sum += loss(s, factors, transform, prepared, other);
          }
        }
      }
    }
    return sum / samples;
  }

  private double loss(
      FoldSample sample,
      float[] factors,
      Transform transform,
      PreparedGroup prepared,
      InputStatistics other) {
    if (sample.norm() == 0) {
      return 0;
    }
    Step.Quantize step = sample.step();
    int rows = sample.rows();
    int cols = factors.length;
    float[] scaled = new float[rows * cols];
    for (int i = 0; i < scaled.length; i++) {
      scaled[i] = sample.weights()[i] * factors[i % cols];
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment w = arena.allocateFrom(JAVA_FLOAT_UNALIGNED, scaled);
      transform.applyToRows(w, rows, cols);
      TensorScale scale =
          step.blocks()
              ? TensorScale.NONE
              : TensorScales.of(step.grid(), TensorScales.absMax(w, scaled.length), options(step));
      PackedMatrix matrix = prepared.empty(step, scale, arena);
      prepared.solve(matrix, 0, rows, w, scale);
      float[] error = new float[scaled.length];
      matrix.decode(0, rows, error);
      for (int i = 0; i < error.length; i++) {
        error[i] -= w.getAtIndex(JAVA_FLOAT_UNALIGNED, i);
      }
      return HessianNorm.of(MemorySegment.ofArray(error), rows, other) / sample.norm();
    }
  }

  private PreparedGroup prepare(Step.Quantize step, InputStatistics statistics, Workers workers) {
    if (step.blocks()) {
      BlockForm form = BlockForm.of(((BlockPacking) step.packing()).type()).orElseThrow();
      return PreparedGroup.fed(form, recipe, statistics, 0, workers);
    }
    return PreparedGroup.of((Solver) method, recipe, step, statistics, options(step), workers);
  }

  private SolveOptions options(Step.Quantize step) {
    return BlockSolver.options(recipe, method, step, 0);
  }

  /// Statistics of the divided input in the basis in which weights are stored.
  private static InputStatistics divided(
      InputStatistics statistics, float[] factors, Transform transform, Workers workers) {
    int cols = statistics.cols();
    INDArray copy = ArrayMemory.zeros(DataType.DOUBLE, cols, cols);
    MemorySegment from = ArrayMemory.of(statistics.hessian());
    MemorySegment to = ArrayMemory.of(copy);
    for (int i = 0; i < cols; i++) {
      for (int j = 0; j < cols; j++) {
        long at = (long) i * cols + j;
        double h = from.getAtIndex(JAVA_DOUBLE_UNALIGNED, at);
        to.setAtIndex(JAVA_DOUBLE_UNALIGNED, at, h / factors[i] / factors[j]);
      }
    }
    InputStatistics divided = new InputStatistics(copy, statistics.tokens(), statistics.absMax());
    InputStatistics turned = transform.applyTo(divided, workers);
    if (turned != divided) {
      divided.close();
    }
    return turned;
  }
}
