package io.metalmarlin.quant.solve;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import io.metalmarlin.quant.calibrate.ArrayMemory;
import io.metalmarlin.quant.calibrate.HeldOut;
import io.metalmarlin.runtime.blas.OpenBlas;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// Chooses the share of a correction by what it brings on tokens that had no part in it.
///
/// With `u = (X - Xq) W'` the output that drift takes away and `v = Xq (W M)'` what the correction
/// M gives back, a share leaves `|u - share v|^2`. Both products come from the sums of the held-out
/// tokens, for as many rows of W as are added. Rounding is left out: its error hardly depends on
/// the share.
public final class DriftTrial {
  private static final double[] SHARES = {0, .25, .5, 1};

  private final DriftTarget target;
  private final MemorySegment hessian;
  private final MemorySegment cross;
  private double given;
  private double size;

  /// @param heldOut stays valid
  public DriftTrial(DriftTarget target, HeldOut heldOut) {
    this.target = target;
    this.hessian = ArrayMemory.of(heldOut.statistics().hessian());
    this.cross = ArrayMemory.of(heldOut.drift().cross());
  }

  /// Adds rows of W, in the basis in which the input was collected.
  ///
  /// @param weights `[rows, cols]` fp32
  public void add(MemorySegment weights, int rows) {
    int d = target.cols();
    int n = rows * d;
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment moved = arena.allocate((long) n * Float.BYTES, 64);
      moved.copyFrom(weights.asSlice(0, moved.byteSize()));
      target.withShare(1).applyToRows(moved, rows);
      MemorySegment w = arena.allocate((long) n * Double.BYTES, 64);
      MemorySegment correction = arena.allocate((long) n * Double.BYTES, 64);
      for (int i = 0; i < n; i++) {
        float source = weights.getAtIndex(JAVA_FLOAT_UNALIGNED, i);
        w.setAtIndex(JAVA_DOUBLE_UNALIGNED, i, source);
        double difference = (double) moved.getAtIndex(JAVA_FLOAT_UNALIGNED, i) - source;
        correction.setAtIndex(JAVA_DOUBLE_UNALIGNED, i, difference);
      }
      MemorySegment product = arena.allocate((long) n * Double.BYTES, 64);
      OpenBlas.dgemm(false, false, rows, d, d, 1, w, d, cross, d, 0, product, d);
      given += dot(product, correction, n);
      OpenBlas.dgemm(false, false, rows, d, d, 1, correction, d, hessian, d, 0, product, d);
      size += dot(product, correction, n);
    }
  }

  private static double dot(MemorySegment a, MemorySegment b, int n) {
    double sum = 0;
    for (int i = 0; i < n; i++) {
      sum += a.getAtIndex(JAVA_DOUBLE_UNALIGNED, i) * b.getAtIndex(JAVA_DOUBLE_UNALIGNED, i);
    }
    return sum;
  }

  /// The best share; 0 where none brings anything.
  public double share() {
    double best = 0;
    for (double share : SHARES) {
      best = loss(share) < loss(best) ? share : best;
    }
    return best;
  }

  /// The squared distance of the outputs, less what it is without correction.
  double loss(double share) {
    return share * (share * size - 2 * given);
  }
}
