package io.metalmarlin.formats.scheme.ggml;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

/// [AffineFit] of as many groups at once as a vector has lanes. The state lies in arrays of one
/// number per lane and every loop stands in a method of its own: a method with all of it is more
/// than the compiler keeps in registers.
final class LaneAffineFit {
  private static final VectorSpecies<Float> FLOATS = Lanes.FLOATS;

  private final AffineFit fit;
  private final float[] x;
  private final float[] weights;
  private final float[] codes;

  private final float[] max = new float[Lanes.COUNT];
  private final float[] sumW = new float[Lanes.COUNT];
  private final float[] sumX = new float[Lanes.COUNT];
  private final float[] sumL = new float[Lanes.COUNT];
  private final float[] sumLL = new float[Lanes.COUNT];
  private final float[] sumXL = new float[Lanes.COUNT];

  private final float[] best = new float[Lanes.COUNT];
  private final Lines found = new Lines(Lanes.COUNT);

  /// The smallest value of the next division: at first that of the group, then of the best fit.
  private final float[] min = new float[Lanes.COUNT];

  private final float[] trialStep = new float[Lanes.COUNT];
  private final float[] trialScale = new float[Lanes.COUNT];
  private final float[] trialMin = new float[Lanes.COUNT];
  private final float[] trialError = new float[Lanes.COUNT];

  LaneAffineFit(AffineFit fit) {
    this.fit = fit;
    this.x = new float[fit.size() * Lanes.COUNT];
    this.weights = new float[fit.size() * Lanes.COUNT];
    this.codes = new float[fit.size() * Lanes.COUNT];
  }

  void fit(float[] from, int o, int groups, float[] weightsFrom, Lines lines) {
    int size = fit.size();
    for (int g = 0; g < groups; g += Lanes.COUNT) {
      int n = Math.min(Lanes.COUNT, groups - g);
      Lanes.transpose(from, o + g * size, n, size, x);
      Lanes.transpose(weightsFrom, g * size, n, size, weights);
      sumUp();
      start();
      for (int k = 0; k <= fit.divisions(); k++) {
        divide(fit.steps(k));
        encode(x, weights, codes, trialStep, min, fit.levels(), sumL, sumLL, sumXL);
        solve();
        measure();
        keepBetter();
      }
      System.arraycopy(found.scale(), 0, lines.scale(), g, n);
      System.arraycopy(found.min(), 0, lines.min(), g, n);
      System.arraycopy(found.step(), 0, lines.step(), g, n);
      System.arraycopy(found.origin(), 0, lines.origin(), g, n);
    }
  }

  private void sumUp() {
    FloatVector least = load(x);
    FloatVector most = least;
    FloatVector w = load(weights);
    FloatVector wx = w.mul(least);
    for (int i = Lanes.COUNT; i < x.length; i += Lanes.COUNT) {
      FloatVector v = FloatVector.fromArray(FLOATS, x, i);
      FloatVector vw = FloatVector.fromArray(FLOATS, weights, i);
      least = least.blend(v, v.lt(least));
      most = most.blend(v, most.lt(v));
      w = w.add(vw);
      wx = wx.add(vw.mul(v));
    }
    least.blend(0, FloatVector.zero(FLOATS).lt(least)).intoArray(min, 0);
    most.intoArray(max, 0);
    w.intoArray(sumW, 0);
    wx.intoArray(sumX, 0);
  }

  /// The division of the whole range; a group of equal weights keeps the scale and step 0.
  private void start() {
    divide(fit.levels());
    encode(x, weights, codes, trialStep, min, fit.levels(), sumL, sumLL, sumXL);
    FloatVector step = load(trialStep);
    FloatVector scale = FloatVector.broadcast(FLOATS, 1).div(step);
    scale.intoArray(trialScale, 0);
    load(min).intoArray(trialMin, 0);
    measure();
    load(trialError).intoArray(best, 0);
    VectorMask<Float> flat = load(max).eq(load(min));
    // Nothing is better than an error of minus infinity.
    load(trialError).blend(Float.NEGATIVE_INFINITY, flat).intoArray(best, 0);
    scale.blend(0, flat).intoArray(found.scale(), 0);
    step.blend(0, flat).intoArray(found.step(), 0);
    load(min).intoArray(found.origin(), 0);
    load(min).neg().intoArray(found.min(), 0);
  }

  private void divide(float steps) {
    FloatVector range = load(max).sub(load(min));
    FloatVector.broadcast(FLOATS, steps).div(range).intoArray(trialStep, 0);
  }

  private static void encode(
      float[] x,
      float[] weights,
      float[] codes,
      float[] step,
      float[] origin,
      int levels,
      float[] sumL,
      float[] sumLL,
      float[] sumXL) {
    FloatVector perStep = load(step);
    FloatVector min = load(origin);
    FloatVector sl = FloatVector.zero(FLOATS);
    FloatVector sll = sl;
    FloatVector sxl = sl;
    for (int i = 0; i < x.length; i += Lanes.COUNT) {
      FloatVector v = FloatVector.fromArray(FLOATS, x, i);
      FloatVector l = Lanes.nearest(v.sub(min).mul(perStep), 0, levels);
      l.intoArray(codes, i);
      FloatVector wl = FloatVector.fromArray(FLOATS, weights, i).mul(l);
      sl = sl.add(wl);
      sll = sll.add(wl.mul(l));
      sxl = sxl.add(wl.mul(v));
    }
    sl.intoArray(sumL, 0);
    sll.intoArray(sumLL, 0);
    sxl.intoArray(sumXL, 0);
  }

  /// The least-squares line of the codes; a positive min is taken as zero.
  private void solve() {
    FloatVector sw = load(sumW);
    FloatVector sx = load(sumX);
    FloatVector sl = load(sumL);
    FloatVector sll = load(sumLL);
    FloatVector sxl = load(sumXL);
    FloatVector determinant = sw.mul(sll).sub(sl.mul(sl));
    FloatVector scale = sw.mul(sxl).sub(sx.mul(sl)).div(determinant);
    FloatVector least = sll.mul(sx).sub(sl.mul(sxl)).div(determinant);
    VectorMask<Float> above = FloatVector.zero(FLOATS).lt(least);
    least.blend(0, above).intoArray(trialMin, 0);
    // Without a determinant there is no line; an undefined error is never the better one.
    VectorMask<Float> none = FloatVector.zero(FLOATS).lt(determinant).not();
    scale.blend(sxl.div(sll), above).blend(Float.NaN, none).intoArray(trialScale, 0);
  }

  private void measure() {
    if (fit.absolute()) {
      magnitudes(x, weights, codes, trialScale, trialMin, trialError);
    } else {
      squares(x, weights, codes, trialScale, trialMin, trialError);
    }
  }

  private static void squares(
      float[] x, float[] weights, float[] codes, float[] scale, float[] min, float[] error) {
    FloatVector factor = load(scale);
    FloatVector least = load(min);
    FloatVector sum = FloatVector.zero(FLOATS);
    for (int i = 0; i < x.length; i += Lanes.COUNT) {
      FloatVector value = FloatVector.fromArray(FLOATS, codes, i).mul(factor).add(least);
      FloatVector difference = value.sub(FloatVector.fromArray(FLOATS, x, i));
      FloatVector w = FloatVector.fromArray(FLOATS, weights, i);
      sum = sum.add(w.mul(difference.mul(difference)));
    }
    sum.intoArray(error, 0);
  }

  private static void magnitudes(
      float[] x, float[] weights, float[] codes, float[] scale, float[] min, float[] error) {
    FloatVector factor = load(scale);
    FloatVector least = load(min);
    FloatVector sum = FloatVector.zero(FLOATS);
    for (int i = 0; i < x.length; i += Lanes.COUNT) {
      FloatVector value = FloatVector.fromArray(FLOATS, codes, i).mul(factor).add(least);
      FloatVector difference = value.sub(FloatVector.fromArray(FLOATS, x, i));
      FloatVector w = FloatVector.fromArray(FLOATS, weights, i);
      sum = sum.add(w.mul(difference.abs()));
    }
    sum.intoArray(error, 0);
  }

  private void keepBetter() {
    VectorMask<Float> better = load(trialError).lt(load(best));
    load(best).blend(load(trialError), better).intoArray(best, 0);
    load(found.scale()).blend(load(trialScale), better).intoArray(found.scale(), 0);
    load(found.min()).blend(load(trialMin).neg(), better).intoArray(found.min(), 0);
    load(found.step()).blend(load(trialStep), better).intoArray(found.step(), 0);
    load(found.origin()).blend(load(min), better).intoArray(found.origin(), 0);
    load(min).blend(load(trialMin), better).intoArray(min, 0);
  }

  private static FloatVector load(float[] lanes) {
    return FloatVector.fromArray(FLOATS, lanes, 0);
  }
}
