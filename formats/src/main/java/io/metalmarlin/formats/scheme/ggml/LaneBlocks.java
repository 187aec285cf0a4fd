package io.metalmarlin.formats.scheme.ggml;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/// The small blocks without importance, a block at a time on vectors of 4, 8 or 16 numbers. What C
/// converts by rules of its own (infinities, NaN, subnormal scales) is left to [ScalarKernels].
final class LaneBlocks {
  private static final int INFINITY = 0x7f800000;

  private final ScalarKernels scalar = new ScalarKernels();
  private final int bits;
  private final int bytes;

  /// @param bits of a code, 4 or 5
  LaneBlocks(int bits) {
    this.bits = bits;
    this.bytes = bits == 4 ? 16 : 20;
  }

  void symmetric(float[] x, int o, int blocks, byte[] out, int at) {
    int half = 1 << bits - 1;
    for (int k = 0; k < blocks; k++, o += 32, at += 2 + bytes) {
      int amax = magnitude(x, o, 32);
      float d = first(x, o, amax) / -half;
      float id = 1 / d;
      if (amax == 0 || amax >= INFINITY || Float.isInfinite(id)) {
        scalar.symmetricBlocks(bits, x, o, 1, out, at);
      } else {
        Bytes.putHalf(out, at, d);
        put(x, o, 0, id, half + 0.5f, out, at + 2);
      }
    }
  }

  void affine(float[] x, int o, int blocks, byte[] out, int at) {
    int levels = (1 << bits) - 1;
    for (int k = 0; k < blocks; k++, o += 32, at += 4 + bytes) {
      IntVector least = ordered(x, o);
      IntVector most = least;
      for (int j = Lanes.COUNT; j < 32; j += Lanes.COUNT) {
        IntVector v = ordered(x, o + j);
        least = least.min(v);
        most = most.max(v);
      }
      int lowest = least.reduceLanes(VectorOperators.MIN);
      int highest = most.reduceLanes(VectorOperators.MAX);
      float min = Float.intBitsToFloat(lowest ^ lowest >> 31 & Integer.MAX_VALUE);
      float max = Float.intBitsToFloat(highest ^ highest >> 31 & Integer.MAX_VALUE);
      float d = (max - min) / levels;
      float id = 1 / d;
      // A smallest value of 0 may stand for both zeros: the first one counts, not the ordered one.
      if (min == 0 || !(Math.abs(id) <= Float.MAX_VALUE) || !(d <= Float.MAX_VALUE)) {
        scalar.affineBlocks(bits, x, o, 1, out, at);
      } else {
        Bytes.putHalf(out, at, d);
        Bytes.putHalf(out, at + 2, min);
        put(x, o, min, id, 0.5f, out, at + 4);
      }
    }
  }

  /// The codes `(x - min) * id + rounding`, cut off.
  private void put(float[] x, int o, float min, float id, float rounding, byte[] out, int at) {
    int fifth = 0;
    int nibbles = at + bytes - 16;
    for (int j = 0; j < 16; j += Lanes.COUNT) {
      IntVector low = codes(x, o + j, min, id, rounding);
      IntVector high = codes(x, o + 16 + j, min, id, rounding);
      IntVector pair = low.and(15).or(high.lanewise(VectorOperators.LSHL, 4));
      VectorKernels.store(pair, out, nibbles + j);
      if (bits == 5) {
        fifth |= (int) low.and(16).compare(VectorOperators.NE, 0).toLong() << j;
        fifth |= (int) high.and(16).compare(VectorOperators.NE, 0).toLong() << 16 + j;
      }
    }
    if (bits == 5) {
      Bytes.putI32(out, at, fifth);
    }
  }

  private IntVector codes(float[] x, int o, float min, float id, float rounding) {
    FloatVector v = FloatVector.fromArray(Lanes.FLOATS, x, o);
    FloatVector steps = v.sub(min).mul(id).add(rounding);
    return ((IntVector) steps.convert(VectorOperators.F2I, 0)).min((1 << bits) - 1);
  }

  /// Bits of the largest magnitude, which are ordered as the magnitudes are; above infinity's if
  /// there is a NaN.
  static int magnitude(float[] x, int o, int n) {
    IntVector most = magnitudes(x, o);
    for (int j = Lanes.COUNT; j < n; j += Lanes.COUNT) {
      most = most.max(magnitudes(x, o + j));
    }
    return most.reduceLanes(VectorOperators.MAX);
  }

  /// The first element of that magnitude.
  private static float first(float[] x, int o, int amax) {
    for (int j = 0; j < 32; j += Lanes.COUNT) {
      VectorMask<Integer> here = magnitudes(x, o + j).eq(amax);
      if (here.anyTrue()) {
        return x[o + j + here.firstTrue()];
      }
    }
    return 0;
  }

  private static IntVector magnitudes(float[] x, int o) {
    return FloatVector.fromArray(Lanes.FLOATS, x, o).reinterpretAsInts().and(Integer.MAX_VALUE);
  }

  /// Integers in the order of the numbers, -0 below 0.
  private static IntVector ordered(float[] x, int o) {
    IntVector v = FloatVector.fromArray(Lanes.FLOATS, x, o).reinterpretAsInts();
    return v.lanewise(
        VectorOperators.XOR, v.lanewise(VectorOperators.ASHR, 31).and(Integer.MAX_VALUE));
  }
}
