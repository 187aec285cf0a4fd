package io.metalmarlin.runtime.eval;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/// Softmax sums over rows of fp32 logits in fp64, the inner loops of every metric.
///
/// The exponential is our own, and lane sums are added in a fixed order, so that interpreted and
/// compiled code give the same digits.
final class LogitRows {
  private static final VectorSpecies<Double> D =
      VectorSpecies.of(
          double.class,
          VectorShape.forBitSize(
              Math.clamp(DoubleVector.SPECIES_PREFERRED.vectorBitSize(), 128, 512)));
  private static final int L = D.length();
  private static final VectorSpecies<Float> F =
      L == 2
          ? FloatVector.SPECIES_64
          : VectorSpecies.of(float.class, VectorShape.forBitSize(D.vectorBitSize() / 2));
  private static final double LOG2_E = 1.4426950408889634;
  private static final double LN2_HIGH = 6.93147180369123816490e-01;
  private static final double LN2_LOW = 1.90821492927058770002e-10;
  private static final double ROUND = 0x1.8p52;
  private static final double[] FACTORIALS = new double[14];

  static {
    double f = 1;
    for (int i = 0; i < FACTORIALS.length; i++) {
      f *= Math.max(1, i);
      FACTORIALS[i] = 1 / f;
    }
  }

  private LogitRows() {}

  /// Position of the largest value (the lowest on a tie) or -1 when a value is not finite.
  static int top(MemorySegment row, long offset, int n) {
    int best = 0;
    float max = Float.NEGATIVE_INFINITY;
    boolean finite = true;
    for (int i = 0; i < n; i++) {
      float v = row.get(ValueLayout.JAVA_FLOAT, offset + 4L * i);
      finite &= Math.abs(v) <= Float.MAX_VALUE;
      if (v > max) {
        max = v;
        best = i;
      }
    }
    return finite ? best : -1;
  }

  /// `log(sum(exp(row)))`.
  ///
  /// @param max the row's largest value
  static double logSum(MemorySegment row, long offset, int n, float max) {
    DoubleVector sums = DoubleVector.zero(D);
    int whole = n - n % L;
    for (int i = 0; i < whole; i += L) {
      sums = sums.add(exp(load(row, offset + 4L * i).sub(max)));
    }
    double sum = sum(sums);
    for (int i = whole; i < n; i++) {
      sum += StrictMath.exp((double) row.get(ValueLayout.JAVA_FLOAT, offset + 4L * i) - max);
    }
    return max + StrictMath.log(sum);
  }

  /// Mean of `row - other` under the softmax of `row`: the divergence before its two log-sums.
  ///
  /// @param logSum of `row`
  static double meanDifference(
      MemorySegment row, long offset, double logSum, MemorySegment other, long otherOffset, int n) {
    DoubleVector sums = DoubleVector.zero(D);
    int whole = n - n % L;
    for (int i = 0; i < whole; i += L) {
      DoubleVector z = load(row, offset + 4L * i);
      DoubleVector difference = z.sub(load(other, otherOffset + 4L * i));
      sums = exp(z.sub(logSum)).fma(difference, sums);
    }
    double sum = sum(sums);
    for (int i = whole; i < n; i++) {
      double z = row.get(ValueLayout.JAVA_FLOAT, offset + 4L * i);
      double y = other.get(ValueLayout.JAVA_FLOAT, otherOffset + 4L * i);
      sum = Math.fma(StrictMath.exp(z - logSum), z - y, sum);
    }
    return sum;
  }

  private static DoubleVector load(MemorySegment s, long offset) {
    return (DoubleVector)
        FloatVector.fromMemorySegment(F, s, offset, ByteOrder.LITTLE_ENDIAN)
            .convertShape(VectorOperators.F2D, D, 0);
  }

  /// `e^x` for x <= 0 to about 2 ulp: Cody-Waite reduction by ln 2, Taylor series to degree 13.
  private static DoubleVector exp(DoubleVector x) {
    x = x.max(-700.0);
    DoubleVector shifted = x.fma(broadcast(LOG2_E), broadcast(ROUND));
    DoubleVector n = shifted.sub(ROUND);
    DoubleVector r = n.fma(broadcast(-LN2_LOW), n.fma(broadcast(-LN2_HIGH), x));
    DoubleVector p = broadcast(FACTORIALS[13]);
    p = p.fma(r, broadcast(FACTORIALS[12])).fma(r, broadcast(FACTORIALS[11]));
    p = p.fma(r, broadcast(FACTORIALS[10])).fma(r, broadcast(FACTORIALS[9]));
    p = p.fma(r, broadcast(FACTORIALS[8])).fma(r, broadcast(FACTORIALS[7]));
    p = p.fma(r, broadcast(FACTORIALS[6])).fma(r, broadcast(FACTORIALS[5]));
    p = p.fma(r, broadcast(FACTORIALS[4])).fma(r, broadcast(FACTORIALS[3]));
    p = p.fma(r, broadcast(0.5)).fma(r, broadcast(1)).fma(r, broadcast(1));
    LongVector exponent = shifted.reinterpretAsLongs().lanewise(VectorOperators.LSHL, 52);
    return p.reinterpretAsLongs().add(exponent).reinterpretAsDoubles();
  }

  private static DoubleVector broadcast(double v) {
    return DoubleVector.broadcast(D, v);
  }

  private static double sum(DoubleVector v) {
    double[] lanes = v.toArray();
    double s = 0;
    for (double x : lanes) {
      s += x;
    }
    return s;
  }
}
