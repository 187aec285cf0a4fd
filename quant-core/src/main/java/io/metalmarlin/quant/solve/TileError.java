package io.metalmarlin.quant.solve;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import io.metalmarlin.formats.scheme.PackedMatrix;
import io.metalmarlin.quant.calibrate.InputStatistics;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// Error sums of solved rows: short runs in single precision, their totals in double; add tiles in
/// row order.
///
/// @param squared sum of (decoded - weight)^2
/// @param weightSquared sum of weight^2
/// @param hessian `tr((Q-W) H (Q-W)')` with the undamped H; 0 without statistics
/// @param weightHessian `tr(W H W')`; 0 without statistics
public record TileError(
    double squared, double weightSquared, double hessian, double weightHessian) {
  public static final TileError ZERO = new TileError(0, 0, 0, 0);

  /// The error of rows that are decoded for it, for where a solver's own sums are not wanted.
  ///
  /// @param weights the rows `[from, to)` as they should be, fp32, row-major
  /// @param statistics of their input in the basis of the weights; null without calibration
  public static TileError of(
      PackedMatrix matrix,
      int from,
      int to,
      MemorySegment weights,
      @Nullable InputStatistics statistics) {
    float[] w = new float[Math.multiplyExact(to - from, matrix.cols())];
    float[] decoded = new float[w.length];
    MemorySegment.copy(weights, JAVA_FLOAT_UNALIGNED, 0, w, 0, w.length);
    matrix.decode(from, to, decoded);
    return of(decoded, w, to - from, matrix.cols(), statistics);
  }

  /// The same for rows that were decoded already.
  ///
  /// @param decoded row-major; becomes the deviations
  /// @param weights likewise; not changed
  static TileError of(
      float[] decoded, float[] weights, int rows, int cols, @Nullable InputStatistics statistics) {
    double squared = 0;
    double weightSquared = 0;
    for (int i = 0; i < rows * cols; i++) {
      decoded[i] -= weights[i];
      squared += (double) decoded[i] * decoded[i];
      weightSquared += (double) weights[i] * weights[i];
    }
    return statistics == null
        ? new TileError(squared, weightSquared, 0, 0)
        : new TileError(
            squared,
            weightSquared,
            HessianNorm.of(MemorySegment.ofArray(decoded), rows, statistics),
            HessianNorm.of(MemorySegment.ofArray(weights), rows, statistics));
  }

  public TileError plus(TileError o) {
    return new TileError(
        squared + o.squared,
        weightSquared + o.weightSquared,
        hessian + o.hessian,
        weightHessian + o.weightHessian);
  }
}
