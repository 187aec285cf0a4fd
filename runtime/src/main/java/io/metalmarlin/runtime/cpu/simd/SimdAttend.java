package io.metalmarlin.runtime.cpu.simd;

import static io.metalmarlin.runtime.cpu.simd.Lanes.F;
import static io.metalmarlin.runtime.cpu.simd.Lanes.L;
import static io.metalmarlin.runtime.cpu.simd.Lanes.LE;
import static io.metalmarlin.runtime.cpu.simd.Lanes.load;
import static io.metalmarlin.runtime.cpu.simd.SimdRows.get;
import static io.metalmarlin.runtime.cpu.simd.SimdRows.set;

import io.metalmarlin.runtime.cpu.kernel.AttendKernel;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/// Attention of one query: a dot product per key; the weighted sum of the values, L columns at a
/// time.
public final class SimdAttend implements AttendKernel {
  @Override
  public void scores(
      MemorySegment q,
      long qOffset,
      MemorySegment k,
      long kOffset,
      long kStride,
      int keys,
      int keyDim,
      float scale,
      MemorySegment scores) {
    for (int t = 0; t < keys; t++) {
      set(scores, 0, t, scale * dot(q, qOffset, k, kOffset + t * kStride, keyDim));
    }
  }

  @Override
  public void mix(
      MemorySegment weights,
      float factor,
      MemorySegment v,
      long vOffset,
      long vStride,
      int keys,
      int valueDim,
      MemorySegment out,
      long outOffset) {
    int whole = valueDim - valueDim % L;
    for (int i = 0; i < whole; i += L) {
      FloatVector sum = FloatVector.zero(F);
      long at = vOffset + 4L * i;
      for (int t = 0; t < keys; t++, at += vStride) {
        sum = load(v, at).fma(FloatVector.broadcast(F, get(weights, 0, t)), sum);
      }
      sum.mul(factor).intoMemorySegment(out, outOffset + 4L * i, LE);
    }
    for (int i = whole; i < valueDim; i++) {
      float sum = 0;
      for (int t = 0; t < keys; t++) {
        sum = Math.fma(get(v, vOffset + t * vStride, i), get(weights, 0, t), sum);
      }
      set(out, outOffset, i, sum * factor);
    }
  }

  private static float dot(MemorySegment a, long aOffset, MemorySegment b, long bOffset, int n) {
    int whole = n - n % L;
    FloatVector sum = FloatVector.zero(F);
    for (int i = 0; i < whole; i += L) {
      sum = load(a, aOffset + 4L * i).fma(load(b, bOffset + 4L * i), sum);
    }
    float total = Lanes.sum(sum);
    for (int i = whole; i < n; i++) {
      total = Math.fma(get(a, aOffset, i), get(b, bOffset, i), total);
    }
    return total;
  }
}
