package io.metalmarlin.runtime.cpu.scalar;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import io.metalmarlin.runtime.cpu.kernel.AttendKernel;
import java.lang.foreign.MemorySegment;

/// Attention of one query by its definition, sums in fp64.
public final class ScalarAttend implements AttendKernel {
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
    double[] p = new double[keys];
    double max = Double.NEGATIVE_INFINITY;
    for (int t = 0; t < keys; t++) {
      for (int i = 0; i < headDim; i++) {
        p[t] +=
            (double) q.get(JAVA_FLOAT_UNALIGNED, qOffset + 4L * i)
                * k.get(JAVA_FLOAT_UNALIGNED, kvOffset + t * kvStride + 4L * i);
      }
      p[t] *= scale;
      max = Math.max(max, p[t]);
    }
    double sum = 0;
    for (int t = 0; t < keys; t++) {
      p[t] = Math.exp(p[t] - max);
      sum += p[t];
    }
    for (int i = 0; i < headDim; i++) {
      double y = 0;
      for (int t = 0; t < keys; t++) {
        y += p[t] * v.get(JAVA_FLOAT_UNALIGNED, kvOffset + t * kvStride + 4L * i);
      }
      out.set(JAVA_FLOAT_UNALIGNED, outOffset + 4L * i, (float) (y / sum));
    }
  }
}
