package io.metalmarlin.runtime.cpu.simd;

import static io.metalmarlin.runtime.cpu.simd.Lanes.L;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import io.metalmarlin.formats.tensor.DType;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/// BF16 weights: the upper half of an fp32, so widening is a shift.
public final class Bf16Weights extends DenseWeights {
  public Bf16Weights() {
    super(DType.BF16);
  }

  @Override
  void decode(long stored, long count, long out) {
    long from = Lanes.address(stored);
    long to = Lanes.address(out);
    long whole = whole(count, 1);
    for (long i = 0; i < whole; i += L) {
      widen(from + 2 * i).intoMemorySegment(Lanes.ALL, to + 4 * i, Lanes.LE);
    }
    for (long i = whole; i < count; i++) {
      Lanes.ALL.set(JAVA_FLOAT_UNALIGNED, to + 4 * i, scalar(from + 2 * i));
    }
  }

  @Override
  float dot(long stored, long x, int cols) {
    long weights = Lanes.address(stored);
    long inputs = Lanes.address(x);
    FloatVector a = FloatVector.zero(Lanes.F);
    FloatVector b = a;
    FloatVector c = a;
    FloatVector d = a;
    int whole = (int) whole(cols, 4);
    for (int i = 0; i < whole; i += 4 * L) {
      long w = weights + 2L * i;
      a = widen(w).fma(Lanes.load(inputs + 4L * i), a);
      b = widen(w + 2 * L).fma(Lanes.load(inputs + 4L * (i + L)), b);
      c = widen(w + 4 * L).fma(Lanes.load(inputs + 4L * (i + 2 * L)), c);
      d = widen(w + 6 * L).fma(Lanes.load(inputs + 4L * (i + 3 * L)), d);
    }
    float sum = Lanes.sum(a.add(b).add(c.add(d)));
    for (int i = whole; i < cols; i++) {
      sum =
          Math.fma(
              scalar(weights + 2L * i), Lanes.ALL.get(JAVA_FLOAT_UNALIGNED, inputs + 4L * i), sum);
    }
    return sum;
  }

  private static FloatVector widen(long address) {
    return Lanes.loadWords(Lanes.ALL, address)
        .lanewise(VectorOperators.LSHL, 16)
        .reinterpretAsFloats();
  }

  private static float scalar(long address) {
    return Float.intBitsToFloat(Lanes.ALL.get(JAVA_SHORT_UNALIGNED, address) << 16);
  }
}
