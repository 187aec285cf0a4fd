package io.metalmarlin.formats.scheme.ggml;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/// Q4_0 without importance, a block at a time on vectors of 8 or 16 numbers.
final class LaneQ40 {
  private static final int INFINITY = 0x7f800000;

  private final ScalarKernels scalar = new ScalarKernels();

  void encode(float[] x, int o, int blocks, byte[] out, int at) {
    for (int k = 0; k < blocks; k++, o += 32, at += 18) {
      int amax = magnitude(x, o);
      float d = first(x, o, amax) / -8;
      float id = 1 / d;
      if (amax == 0 || amax >= INFINITY || Float.isInfinite(id)) {
        // What C converts by its own rules.
        scalar.q40(x, o, 1, out, at);
        continue;
      }
      Bytes.putHalf(out, at, d);
      for (int j = 0; j < 16; j += Lanes.COUNT) {
        IntVector low = codes(x, o + j, id);
        IntVector high = codes(x, o + 16 + j, id);
        VectorKernels.store(low.or(high.lanewise(VectorOperators.LSHL, 4)), out, at + 2 + j);
      }
    }
  }

  private static IntVector codes(float[] x, int o, float id) {
    FloatVector steps = FloatVector.fromArray(Lanes.FLOATS, x, o).mul(id).add(8.5f);
    return ((IntVector) steps.convert(VectorOperators.F2I, 0)).min(15);
  }

  /// Bits of the largest magnitude, which are ordered as the magnitudes are; above infinity's if
  /// there is a NaN.
  private static int magnitude(float[] x, int o) {
    IntVector most = bits(x, o);
    for (int j = Lanes.COUNT; j < 32; j += Lanes.COUNT) {
      most = most.max(bits(x, o + j));
    }
    return most.reduceLanes(VectorOperators.MAX);
  }

  /// The first element of that magnitude.
  private static float first(float[] x, int o, int amax) {
    for (int j = 0; j < 32; j += Lanes.COUNT) {
      VectorMask<Integer> here = bits(x, o + j).eq(amax);
      if (here.anyTrue()) {
        return x[o + j + here.firstTrue()];
      }
    }
    return 0;
  }

  private static IntVector bits(float[] x, int o) {
    return FloatVector.fromArray(Lanes.FLOATS, x, o).reinterpretAsInts().and(Integer.MAX_VALUE);
  }
}
