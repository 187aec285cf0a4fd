package io.metalmarlin.formats.scheme.ggml;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/// [SymmetricFit] of as many groups at once as a vector has lanes.
final class LaneSymmetricFit {
  private final SymmetricFit fit;
  private final int size;
  private final float[] x;
  private final float[] weights;
  private final float[] weighted;

  LaneSymmetricFit(SymmetricFit fit) {
    this.fit = fit;
    this.size = fit.size();
    this.x = new float[size * Lanes.COUNT];
    this.weights = new float[size * Lanes.COUNT];
    this.weighted = new float[size * Lanes.COUNT];
  }

  void fit(float[] from, int o, int groups, float[] weightsFrom, Lines lines) {
    for (int g = 0; g < groups; g += Lanes.COUNT) {
      int n = Math.min(Lanes.COUNT, groups - g);
      Lanes.transpose(from, o + g * size, n, size, x);
      Lanes.transpose(weightsFrom, g * size, n, size, weights);
      fitLanes(lines, g, Lanes.first(n));
    }
  }

  private void fitLanes(Lines lines, int g, VectorMask<Float> used) {
    FloatVector largest = largest(x, size);
    for (int i = 0; i < x.length; i += Lanes.COUNT) {
      FloatVector w = FloatVector.fromArray(Lanes.FLOATS, weights, i);
      w.mul(FloatVector.fromArray(Lanes.FLOATS, x, i)).intoArray(weighted, i);
    }
    FloatVector zero = FloatVector.zero(Lanes.FLOATS);
    FloatVector scale = zero;
    FloatVector best = zero;
    FloatVector step = zero;
    int low = -fit.half();
    int high = fit.half() - 1;
    for (int k = 0; k < SymmetricFit.TRIES; k++) {
      FloatVector perStep = FloatVector.broadcast(Lanes.FLOATS, -fit.steps(k)).div(largest);
      FloatVector sumXL = zero;
      FloatVector sumLL = zero;
      for (int i = 0; i < x.length; i += Lanes.COUNT) {
        FloatVector v = FloatVector.fromArray(Lanes.FLOATS, x, i);
        FloatVector l = Lanes.nearestTame(perStep.mul(v), low, high);
        sumXL = sumXL.add(FloatVector.fromArray(Lanes.FLOATS, weighted, i).mul(l));
        sumLL = sumLL.add(FloatVector.fromArray(Lanes.FLOATS, weights, i).mul(l).mul(l));
      }
      VectorMask<Float> better;
      if (k == 0) {
        better = sumLL.compare(VectorOperators.NE, 0);
        step = perStep;
      } else {
        better =
            sumLL
                .compare(VectorOperators.GT, 0)
                .and(sumXL.mul(sumXL).compare(VectorOperators.GT, best.mul(sumLL)));
        step = step.blend(perStep, better);
      }
      FloatVector factor = sumXL.div(sumLL);
      scale = scale.blend(factor, better);
      best = best.blend(factor.mul(sumXL), better);
    }
    VectorMask<Float> nothing = largest.abs().lt(SymmetricFit.NOTHING);
    scale.blend(0, nothing).intoArray(lines.scale(), g, used);
    step.blend(0, nothing).intoArray(lines.step(), g, used);
  }

  /// Each lane's element of largest magnitude, the first one on ties.
  static FloatVector largest(float[] side, int size) {
    FloatVector most = FloatVector.zero(Lanes.FLOATS);
    FloatVector signed = most;
    for (int i = 0; i < size * Lanes.COUNT; i += Lanes.COUNT) {
      FloatVector v = FloatVector.fromArray(Lanes.FLOATS, side, i);
      FloatVector a = v.abs();
      VectorMask<Float> more = a.compare(VectorOperators.GT, most);
      most = most.blend(a, more);
      signed = signed.blend(v, more);
    }
    return signed;
  }
}
