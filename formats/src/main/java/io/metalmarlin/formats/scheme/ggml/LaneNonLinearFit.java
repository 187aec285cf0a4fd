package io.metalmarlin.formats.scheme.ggml;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/// [NonLinearFit] of as many groups at once as a vector has lanes.
final class LaneNonLinearFit {
  private static final int SIZE = 32;

  /// Level `i + 1` is nearer than level `i` from here on; the differences are exact, so comparing
  /// with the middle decides as comparing the distances does.
  private static final float[] BOUNDS = new float[15];

  private static final float[] RISES = new float[15];

  static {
    for (int i = 0; i < 15; i++) {
      BOUNDS[i] = (NonLinearFit.LEVELS[i] + NonLinearFit.LEVELS[i + 1]) / 2;
      RISES[i] = NonLinearFit.LEVELS[i + 1] - NonLinearFit.LEVELS[i];
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
    FloatVector zero = FloatVector.zero(Lanes.FLOATS);
    FloatVector largest = LaneSymmetricFit.largest(x, SIZE);
    FloatVector factor = zero;
    FloatVector best = zero;
    float[] sums = new float[2 * Lanes.COUNT];
    for (int k = 0; k < NonLinearFit.TRIES; k++) {
      FloatVector inverse;
      if (k == 0) {
        FloatVector step = largest.neg().div(NonLinearFit.LEVELS[0]);
        inverse = FloatVector.broadcast(Lanes.FLOATS, 1).div(step);
      } else {
        inverse = FloatVector.broadcast(Lanes.FLOATS, NonLinearFit.steps(k)).div(largest);
      }
      correlate(x, weights, inverse, sums);
      FloatVector sumQX = FloatVector.fromArray(Lanes.FLOATS, sums, 0);
      FloatVector sumQQ = FloatVector.fromArray(Lanes.FLOATS, sums, Lanes.COUNT);
      VectorMask<Float> better = zero.lt(sumQQ);
      if (k > 0) {
        better = better.and(best.mul(sumQQ).lt(sumQX.mul(sumQX)));
      }
      FloatVector found = sumQX.div(sumQQ);
      factor = factor.blend(found, better);
      best = best.blend(found.mul(sumQX), better);
    }
    return factor.blend(0, largest.abs().lt(SymmetricFit.NOTHING));
  }

  private static void correlate(float[] x, float[] weights, FloatVector inverse, float[] sums) {
    FloatVector sumQX = FloatVector.zero(Lanes.FLOATS);
    FloatVector sumQQ = sumQX;
    for (int i = 0; i < x.length; i += Lanes.COUNT) {
      FloatVector v = FloatVector.fromArray(Lanes.FLOATS, x, i);
      FloatVector q = level(inverse.mul(v));
      FloatVector wq = FloatVector.fromArray(Lanes.FLOATS, weights, i).mul(q);
      sumQX = sumQX.add(wq.mul(v));
      sumQQ = sumQQ.add(wq.mul(q));
    }
    sumQX.intoArray(sums, 0);
    sumQQ.intoArray(sums, Lanes.COUNT);
  }

  /// The nearest level: from the highest down, so that an undefined number gets the highest as in
  /// the scalar search.
  private static FloatVector level(FloatVector v) {
    FloatVector level = FloatVector.broadcast(Lanes.FLOATS, NonLinearFit.LEVELS[15]);
    for (int i = 0; i < 15; i++) {
      level = level.lanewise(VectorOperators.SUB, RISES[i], v.lt(BOUNDS[i]));
    }
    return level;
  }

  /// [NonLinearFit#nearest].
  static IntVector nearest(FloatVector v) {
    IntVector code = IntVector.broadcast(Lanes.INTS, 15);
    for (int i = 0; i < 15; i++) {
      code = code.lanewise(VectorOperators.SUB, 1, v.lt(BOUNDS[i]).cast(Lanes.INTS));
    }
    return code;
  }
}
