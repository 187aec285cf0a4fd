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

/// Attention of one query: a dot product per key, the softmax of [SimdRows], then the weighted sum
/// of the values, L columns at a time.
public final class SimdAttend implements AttendKernel {
  private final SimdRows rows = new SimdRows();

  @Override
  public void attend(
      MemorySegment q,
      long qOffset,
      MemorySegment k,
      MemorySegment v,
      long kvOffset,
      long kvStride,
      int keys,
      int headDim,
      float scale,
      MemorySegment scores,
      MemorySegment out,
      long outOffset) {
    for (int t = 0; t < keys; t++) {
      set(scores, 0, t, scale * dot(q, qOffset, k, kvOffset + t * kvStride, headDim));
    }
    float inverse = 1 / rows.exponentials(scores, 0, keys, keys);
    int whole = headDim - headDim % L;
    for (int i = 0; i < whole; i += L) {
      FloatVector sum = FloatVector.zero(F);
      long at = kvOffset + 4L * i;
      for (int t = 0; t < keys; t++, at += kvStride) {
        sum = load(v, at).fma(FloatVector.broadcast(F, get(scores, 0, t)), sum);
      }
      sum.mul(inverse).intoMemorySegment(out, outOffset + 4L * i, LE);
    }
    for (int i = whole; i < headDim; i++) {
      float sum = 0;
      for (int t = 0; t < keys; t++) {
        sum = Math.fma(get(v, kvOffset + t * kvStride, i), get(scores, 0, t), sum);
      }
      set(out, outOffset, i, sum * inverse);
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
