package io.metalmarlin.runtime.cpu.simd;

import static io.metalmarlin.runtime.cpu.simd.Lanes.L;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import io.metalmarlin.formats.tensor.DType;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/// F32 weights.
public final class F32Weights extends DenseWeights {
  public F32Weights() {
    super(DType.F32);
  }

  @Override
  void decode(MemorySegment stored, long offset, long count, MemorySegment out) {
    MemorySegment.copy(stored, offset, out, 0, 4 * count);
  }

  @Override
  float dot(MemorySegment stored, long offset, MemorySegment x, int cols) {
    FloatVector a = FloatVector.zero(Lanes.F);
    FloatVector b = a;
    int whole = (int) whole(cols, 2);
    for (int i = 0; i < whole; i += 2 * L) {
      long at = 4L * i;
      a = Lanes.load(stored, offset + at).fma(Lanes.load(x, at), a);
      b = Lanes.load(stored, offset + at + 4 * L).fma(Lanes.load(x, at + 4 * L), b);
    }
    float sum = Lanes.sum(a.add(b));
    for (int i = whole; i < cols; i++) {
      sum =
          Math.fma(
              stored.get(JAVA_FLOAT_UNALIGNED, offset + 4L * i),
              x.get(JAVA_FLOAT_UNALIGNED, 4L * i),
              sum);
    }
    return sum;
  }
}
