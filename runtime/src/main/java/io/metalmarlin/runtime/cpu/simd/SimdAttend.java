package io.metalmarlin.runtime.cpu.simd;

import static io.metalmarlin.runtime.cpu.simd.Lanes.ALL;
import static io.metalmarlin.runtime.cpu.simd.Lanes.F;
import static io.metalmarlin.runtime.cpu.simd.Lanes.L;
import static io.metalmarlin.runtime.cpu.simd.Lanes.LE;
import static io.metalmarlin.runtime.cpu.simd.Lanes.load;
import static io.metalmarlin.runtime.cpu.simd.SimdRows.get;
import static io.metalmarlin.runtime.cpu.simd.SimdRows.set;

import io.metalmarlin.runtime.cpu.kernel.AttendKernel;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import jdk.incubator.vector.FloatVector;

/// Attention of one query: a dot product per key; the weighted sum of the values, 4L columns at a
/// time, because a sum waits four cycles for its last addition.
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
    long query = Lanes.address(q.asSlice(qOffset, 4L * keyDim));
    long key = Lanes.address(k.asSlice(kOffset, (keys - 1) * kStride + 4L * keyDim));
    long to = Lanes.address(scores.asSlice(0, 4L * keys));
    for (int t = 0; t < keys; t++) {
      set(ALL, to, t, scale * dot(query, key + t * kStride, keyDim));
    }
    Reference.reachabilityFence(q);
    Reference.reachabilityFence(k);
    Reference.reachabilityFence(scores);
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
    long factors = Lanes.address(weights.asSlice(0, 4L * keys));
    long values = Lanes.address(v.asSlice(vOffset, (keys - 1) * vStride + 4L * valueDim));
    long to = Lanes.address(out.asSlice(outOffset, 4L * valueDim));
    int i = 0;
    for (; i + 4 * L <= valueDim; i += 4 * L) {
      four(factors, factor, values + 4L * i, vStride, keys, to + 4L * i);
    }
    for (; i + L <= valueDim; i += L) {
      one(factors, factor, values + 4L * i, vStride, keys, to + 4L * i);
    }
    for (; i < valueDim; i++) {
      float sum = 0;
      for (int t = 0; t < keys; t++) {
        sum = Math.fma(get(ALL, values + t * vStride, i), get(ALL, factors, t), sum);
      }
      set(ALL, to, i, sum * factor);
    }
    Reference.reachabilityFence(weights);
    Reference.reachabilityFence(v);
    Reference.reachabilityFence(out);
  }

  private static void four(
      long weights, float factor, long values, long stride, int keys, long out) {
    long first = Lanes.address(values);
    long from = Lanes.address(weights);
    FloatVector sum0 = FloatVector.zero(F);
    FloatVector sum1 = sum0;
    FloatVector sum2 = sum0;
    FloatVector sum3 = sum0;
    for (int t = 0; t < keys; t++) {
      long at = Lanes.address(first + t * stride);
      FloatVector w = FloatVector.broadcast(F, get(ALL, from, t));
      sum0 = load(at).fma(w, sum0);
      sum1 = load(at + 4L * L).fma(w, sum1);
      sum2 = load(at + 8L * L).fma(w, sum2);
      sum3 = load(at + 12L * L).fma(w, sum3);
    }
    long to = Lanes.address(out);
    sum0.mul(factor).intoMemorySegment(ALL, to, LE);
    sum1.mul(factor).intoMemorySegment(ALL, to + 4L * L, LE);
    sum2.mul(factor).intoMemorySegment(ALL, to + 8L * L, LE);
    sum3.mul(factor).intoMemorySegment(ALL, to + 12L * L, LE);
  }

  private static void one(
      long weights, float factor, long values, long stride, int keys, long out) {
    long first = Lanes.address(values);
    long from = Lanes.address(weights);
    FloatVector sum = FloatVector.zero(F);
    for (int t = 0; t < keys; t++) {
      FloatVector w = FloatVector.broadcast(F, get(ALL, from, t));
      sum = load(Lanes.address(first + t * stride)).fma(w, sum);
    }
    sum.mul(factor).intoMemorySegment(ALL, Lanes.address(out), LE);
  }

  private static float dot(long a, long b, int n) {
    long left = Lanes.address(a);
    long right = Lanes.address(b);
    int whole = n - n % L;
    FloatVector sum = FloatVector.zero(F);
    for (int i = 0; i < whole; i += L) {
      sum = load(left + 4L * i).fma(load(right + 4L * i), sum);
    }
    float total = Lanes.sum(sum);
    for (int i = whole; i < n; i++) {
      total = Math.fma(get(ALL, left, i), get(ALL, right, i), total);
    }
    return total;
  }
}
