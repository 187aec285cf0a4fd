package io.metalmarlin.formats.scheme.ggml;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/// [NonLinearFit] of 16 groups of 32 at once; needs vectors of 16 numbers, which hold all levels.
final class LaneNonLinearFit {
  private static final int SIZE = 32;
  private static final float[] BOUNDS = new float[16];

  static {
    // Level i is nearer than level i - 1 from here on; the differences are exact, so comparing with
    // the middle decides as comparing the distances does.
    BOUNDS[0] = Float.NEGATIVE_INFINITY;
    for (int i = 1; i < 16; i++) {
      BOUNDS[i] = (NonLinearFit.LEVELS[i - 1] + NonLinearFit.LEVELS[i]) / 2;
    }
  }

  private final float[] x = new float[SIZE * Lanes.COUNT];
  private final float[] weights = new float[SIZE * Lanes.COUNT];

  void fit(float[] from, int o, int groups, float[] weightsFrom, float[] factors) {
    for (int g = 0; g < groups; g += Lanes.COUNT) {
      int n = Math.min(Lanes.COUNT, groups - g);
      Lanes.transpose(from, o + g * SIZE, n, SIZE, x);
      Lanes.transpose(weightsFrom, g * SIZE, n, SIZE, weights);
      fitLanes().intoArray(factors, g, Lanes.first(n));
    }
  }

  private FloatVector fitLanes() {
    FloatVector levels = FloatVector.fromArray(Lanes.FLOATS, NonLinearFit.LEVELS, 0);
    FloatVector zero = FloatVector.zero(Lanes.FLOATS);
    FloatVector largest = LaneSymmetricFit.largest(x, SIZE);
    FloatVector factor = zero;
    FloatVector best = zero;
    for (int k = 0; k < NonLinearFit.TRIES; k++) {
      FloatVector inverse;
      if (k == 0) {
        FloatVector step = largest.neg().div(NonLinearFit.LEVELS[0]);
        inverse = FloatVector.broadcast(Lanes.FLOATS, 1).div(step);
      } else {
        inverse = FloatVector.broadcast(Lanes.FLOATS, NonLinearFit.steps(k)).div(largest);
      }
      FloatVector sumQX = zero;
      FloatVector sumQQ = zero;
      for (int i = 0; i < x.length; i += Lanes.COUNT) {
        FloatVector v = FloatVector.fromArray(Lanes.FLOATS, x, i);
        FloatVector q = index(inverse.mul(v)).selectFrom(levels);
        FloatVector wq = FloatVector.fromArray(Lanes.FLOATS, weights, i).mul(q);
        sumQX = sumQX.add(wq.mul(v));
        sumQQ = sumQQ.add(wq.mul(q));
      }
      VectorMask<Float> better = sumQQ.compare(VectorOperators.GT, 0);
      if (k > 0) {
        better = better.and(sumQX.mul(sumQX).compare(VectorOperators.GT, best.mul(sumQQ)));
      }
      FloatVector found = sumQX.div(sumQQ);
      factor = factor.blend(found, better);
      best = best.blend(found.mul(sumQX), better);
    }
    return factor.blend(0, largest.abs().lt(SymmetricFit.NOTHING));
  }

  /// [NonLinearFit#nearest].
  static IntVector nearest(FloatVector v) {
    return (IntVector) index(v).convert(VectorOperators.F2I, 0);
  }

  /// The code of the nearest level, as a float: four halvings of the sixteen bounds.
  private static FloatVector index(FloatVector v) {
    FloatVector bounds = FloatVector.fromArray(Lanes.FLOATS, BOUNDS, 0);
    FloatVector code = FloatVector.zero(Lanes.FLOATS);
    for (float half = 8; half >= 1; half /= 2) {
      FloatVector middle = code.add(half);
      // Not below: an undefined number gets the last code, as in the scalar search.
      code = middle.blend(code, v.lt(middle.selectFrom(bounds)));
    }
    return code;
  }
}
