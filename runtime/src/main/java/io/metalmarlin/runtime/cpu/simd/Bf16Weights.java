package io.metalmarlin.runtime.cpu.simd;

import static io.metalmarlin.runtime.cpu.simd.Lanes.L;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import io.metalmarlin.formats.tensor.DType;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/// BF16 weights: the upper half of an fp32, so widening is a shift.
public final class Bf16Weights extends DenseWeights {
  public Bf16Weights() {
    super(DType.BF16);
  }

  @Override
  void decode(MemorySegment stored, long offset, long count, MemorySegment out) {
    long whole = whole(count, 1);
    for (long i = 0; i < whole; i += L) {
      widen(stored, offset + 2 * i).intoMemorySegment(out, 4 * i, Lanes.LE);
    }
    for (long i = whole; i < count; i++) {
      out.set(JAVA_FLOAT_UNALIGNED, 4 * i, scalar(stored, offset + 2 * i));
    }
  }

  @Override
  float dot(MemorySegment stored, long offset, MemorySegment x, int cols) {
    FloatVector a = FloatVector.zero(Lanes.F);
    FloatVector b = a;
    FloatVector c = a;
    FloatVector d = a;
    int whole = (int) whole(cols, 4);
    for (int i = 0; i < whole; i += 4 * L) {
      long w = offset + 2L * i;
      a = widen(stored, w).fma(Lanes.load(x, 4L * i), a);
      b = widen(stored, w + 2 * L).fma(Lanes.load(x, 4L * (i + L)), b);
      c = widen(stored, w + 4 * L).fma(Lanes.load(x, 4L * (i + 2 * L)), c);
      d = widen(stored, w + 6 * L).fma(Lanes.load(x, 4L * (i + 3 * L)), d);
    }
    float sum = Lanes.sum(a.add(b).add(c.add(d)));
    for (int i = whole; i < cols; i++) {
      sum = Math.fma(scalar(stored, offset + 2L * i), x.get(JAVA_FLOAT_UNALIGNED, 4L * i), sum);
    }
    return sum;
  }

  private static FloatVector widen(MemorySegment stored, long offset) {
    return Lanes.loadWords(stored, offset).lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats();
  }

  private static float scalar(MemorySegment stored, long offset) {
    return Float.intBitsToFloat(stored.get(JAVA_SHORT_UNALIGNED, offset) << 16);
  }
}
