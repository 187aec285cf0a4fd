package io.metalmarlin.runtime.cpu.simd;

import static io.metalmarlin.runtime.cpu.simd.Lanes.L;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import io.metalmarlin.formats.tensor.DType;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/// F16 weights: magnitude bits moved into place and multiplied by 2^112, which also makes
/// subnormals right; infinities and NaN get their exponent back by hand.
public final class F16Weights extends DenseWeights {
  public F16Weights() {
    super(DType.F16);
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
    int whole = (int) whole(cols, 1);
    for (int i = 0; i < whole; i += L) {
      a = widen(weights + 2L * i).fma(Lanes.load(inputs + 4L * i), a);
    }
    float sum = Lanes.sum(a);
    for (int i = whole; i < cols; i++) {
      sum =
          Math.fma(
              scalar(weights + 2L * i), Lanes.ALL.get(JAVA_FLOAT_UNALIGNED, inputs + 4L * i), sum);
    }
    return sum;
  }

  private static FloatVector widen(long address) {
    IntVector half = Lanes.loadWords(Lanes.ALL, address);
    IntVector magnitude = half.and(0x7fff).lanewise(VectorOperators.LSHL, 13);
    IntVector sign = half.and(0x8000).lanewise(VectorOperators.LSHL, 16);
    IntVector finite = magnitude.reinterpretAsFloats().mul(0x1p112f).reinterpretAsInts();
    VectorMask<Integer> special = magnitude.compare(VectorOperators.GE, 0x7c00 << 13);
    return finite.blend(magnitude.or(0x7f800000), special).or(sign).reinterpretAsFloats();
  }

  private static float scalar(long address) {
    return Float.float16ToFloat(Lanes.ALL.get(JAVA_SHORT_UNALIGNED, address));
  }
}
