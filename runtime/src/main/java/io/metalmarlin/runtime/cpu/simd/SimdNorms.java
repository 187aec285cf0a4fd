package io.metalmarlin.runtime.cpu.simd;

import static io.metalmarlin.runtime.cpu.simd.Lanes.F;
import static io.metalmarlin.runtime.cpu.simd.Lanes.L;
import static io.metalmarlin.runtime.cpu.simd.Lanes.LE;
import static io.metalmarlin.runtime.cpu.simd.Lanes.load;
import static io.metalmarlin.runtime.cpu.simd.SimdRows.get;
import static io.metalmarlin.runtime.cpu.simd.SimdRows.set;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/// The norms of [SimdRows].
final class SimdNorms {
  private SimdNorms() {}

  static void rms(
      MemorySegment x,
      long xOffset,
      float[] gamma,
      int gammaOffset,
      int n,
      float epsilon,
      MemorySegment out,
      long outOffset) {
    float sum = squares(x, xOffset, 0, n);
    float factor = (float) (1 / Math.sqrt((double) sum / n + epsilon));
    scale(x, xOffset, 0, factor, gamma, gammaOffset, n, out, outOffset);
  }

  static void layer(
      MemorySegment x,
      long xOffset,
      float[] gamma,
      int gammaOffset,
      int n,
      float epsilon,
      MemorySegment out,
      long outOffset) {
    int whole = n - n % L;
    FloatVector sums = FloatVector.zero(F);
    for (int i = 0; i < whole; i += L) {
      sums = sums.add(load(x, xOffset + 4L * i));
    }
    float sum = Lanes.sum(sums);
    for (int i = whole; i < n; i++) {
      sum += get(x, xOffset, i);
    }
    float mean = sum / n;
    float squares = squares(x, xOffset, mean, n);
    float factor = (float) (1 / Math.sqrt((double) squares / n + epsilon));
    scale(x, xOffset, mean, factor, gamma, gammaOffset, n, out, outOffset);
  }

  private static float squares(MemorySegment x, long xOffset, float mean, int n) {
    int whole = n - n % L;
    FloatVector squares = FloatVector.zero(F);
    for (int i = 0; i < whole; i += L) {
      FloatVector v = load(x, xOffset + 4L * i).sub(mean);
      squares = v.fma(v, squares);
    }
    float sum = Lanes.sum(squares);
    for (int i = whole; i < n; i++) {
      float v = get(x, xOffset, i) - mean;
      sum = Math.fma(v, v, sum);
    }
    return sum;
  }

  private static void scale(
      MemorySegment x,
      long xOffset,
      float mean,
      float factor,
      float[] gamma,
      int gammaOffset,
      int n,
      MemorySegment out,
      long outOffset) {
    int whole = n - n % L;
    for (int i = 0; i < whole; i += L) {
      load(x, xOffset + 4L * i)
          .sub(mean)
          .mul(factor)
          .mul(FloatVector.fromArray(F, gamma, gammaOffset + i))
          .intoMemorySegment(out, outOffset + 4L * i, LE);
    }
    for (int i = whole; i < n; i++) {
      set(out, outOffset, i, (get(x, xOffset, i) - mean) * factor * gamma[gammaOffset + i]);
    }
  }
}
