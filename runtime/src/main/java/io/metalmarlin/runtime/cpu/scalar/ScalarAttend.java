package io.metalmarlin.runtime.cpu.scalar;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import io.metalmarlin.runtime.cpu.kernel.AttendKernel;
import java.lang.foreign.MemorySegment;

/// Attention of one query by its definition, sums in fp64.
public final class ScalarAttend implements AttendKernel {
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
      double sum = 0;
      for (int i = 0; i < keyDim; i++) {
        sum +=
            (double) q.get(JAVA_FLOAT_UNALIGNED, qOffset + 4L * i)
                * k.get(JAVA_FLOAT_UNALIGNED, kOffset + t * kStride + 4L * i);
      }
      scores.set(JAVA_FLOAT_UNALIGNED, 4L * t, (float) (sum * scale));
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
    for (int i = 0; i < valueDim; i++) {
      double y = 0;
      for (int t = 0; t < keys; t++) {
        y +=
            (double) weights.get(JAVA_FLOAT_UNALIGNED, 4L * t)
                * v.get(JAVA_FLOAT_UNALIGNED, vOffset + t * vStride + 4L * i);
      }
      out.set(JAVA_FLOAT_UNALIGNED, outOffset + 4L * i, (float) (y * factor));
    }
  }
}
