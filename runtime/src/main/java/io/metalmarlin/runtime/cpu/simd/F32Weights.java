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
  void decode(long stored, long count, long out) {
    MemorySegment.copy(Lanes.ALL, stored, Lanes.ALL, out, 4 * count);
  }

  @Override
  float dot(long stored, long x, int cols) {
    long weights = Lanes.address(stored);
    long inputs = Lanes.address(x);
    FloatVector a = FloatVector.zero(Lanes.F);
    FloatVector b = a;
    int whole = (int) whole(cols, 2);
    for (int i = 0; i < whole; i += 2 * L) {
      long at = 4L * i;
      a = Lanes.load(weights + at).fma(Lanes.load(inputs + at), a);
      b = Lanes.load(weights + at + 4 * L).fma(Lanes.load(inputs + at + 4 * L), b);
    }
    float sum = Lanes.sum(a.add(b));
    for (int i = whole; i < cols; i++) {
      sum =
          Math.fma(
              Lanes.ALL.get(JAVA_FLOAT_UNALIGNED, weights + 4L * i),
              Lanes.ALL.get(JAVA_FLOAT_UNALIGNED, inputs + 4L * i),
              sum);
    }
    return sum;
  }
}
