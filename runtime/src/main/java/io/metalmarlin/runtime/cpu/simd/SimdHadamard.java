package io.metalmarlin.runtime.cpu.simd;

import static io.metalmarlin.runtime.cpu.simd.Lanes.F;
import static io.metalmarlin.runtime.cpu.simd.Lanes.L;
import static io.metalmarlin.runtime.cpu.simd.Lanes.LE;
import static io.metalmarlin.runtime.cpu.simd.Lanes.load;
import static io.metalmarlin.runtime.cpu.simd.SimdRows.get;
import static io.metalmarlin.runtime.cpu.simd.SimdRows.set;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorShuffle;

/// The block Hadamard transform as log2(block) butterfly stages: distances below L inside a vector,
/// larger ones between vectors.
final class SimdHadamard {
  private static final FloatVector SIGN_1 = signs(1);
  private static final FloatVector SIGN_2 = signs(2);
  private static final FloatVector SIGN_4 = signs(4);
  private static final FloatVector SIGN_8 = signs(8);

  private SimdHadamard() {}

  private static FloatVector signs(int distance) {
    float[] s = new float[L];
    for (int i = 0; i < L; i++) {
      s[i] = (i & distance) == 0 ? 1f : -1f;
    }
    return FloatVector.fromArray(F, s, 0);
  }

  static void transform(MemorySegment x, long offset, int n, int block) {
    float norm = (float) (1 / Math.sqrt(block));
    int whole = n - n % Math.max(block, L);
    for (int i = 0; i < whole; i += L) {
      inside(load(x, offset + 4L * i), block).mul(norm).intoMemorySegment(x, offset + 4L * i, LE);
    }
    for (int h = L; h < block; h *= 2) {
      between(x, offset, whole, h);
    }
    for (int b = whole; b < n; b += block) {
      small(x, offset + 4L * b, block, norm);
    }
  }

  private static FloatVector inside(FloatVector v, int block) {
    v = stage(v, Lanes.SWAP_1, SIGN_1);
    if (block > 2) {
      v = stage(v, Lanes.SWAP_2, SIGN_2);
    }
    if (block > 4 && L > 4) {
      v = stage(v, Lanes.SWAP_4, SIGN_4);
    }
    if (block > 8 && L > 8) {
      v = stage(v, Lanes.SWAP_8, SIGN_8);
    }
    return v;
  }

  /// Lane `i` becomes `a + b` in the lower and `a - b` in the upper half of each pair of lanes (a,
  /// b).
  private static FloatVector stage(FloatVector v, VectorShuffle<Float> swap, FloatVector sign) {
    return v.fma(sign, v.rearrange(swap));
  }

  private static void between(MemorySegment x, long offset, int n, int h) {
    for (int b = 0; b < n; b += 2 * h) {
      for (int i = b; i < b + h; i += L) {
        long low = offset + 4L * i;
        long high = low + 4L * h;
        FloatVector first = load(x, low);
        FloatVector second = load(x, high);
        first.add(second).intoMemorySegment(x, low, LE);
        first.sub(second).intoMemorySegment(x, high, LE);
      }
    }
  }

  /// Blocks that do not fill a vector at the end of a row.
  private static void small(MemorySegment x, long offset, int block, float norm) {
    for (int i = 0; i < block; i++) {
      set(x, offset, i, get(x, offset, i) * norm);
    }
    for (int h = 1; h < block; h *= 2) {
      for (int i = 0; i < block; i++) {
        if ((i & h) == 0) {
          float first = get(x, offset, i);
          float second = get(x, offset, i + h);
          set(x, offset, i, first + second);
          set(x, offset, i + h, first - second);
        }
      }
    }
  }
}
