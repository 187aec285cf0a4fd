package io.metalmarlin.runtime.cpu.simd;

import static io.metalmarlin.runtime.cpu.simd.Lanes.F;
import static io.metalmarlin.runtime.cpu.simd.Lanes.L;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import io.metalmarlin.formats.tensor.DType;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/// ggml's Q4_0: an fp16 scale and 16 bytes, byte `j` with column `j` in its low and column `j + 16`
/// in its high nibble; a code counts from -8 on.
public final class Q40Weights extends BlockWeights {
  private static final int BYTES = 18;
  private static final int CODES = 2;
  private static final int HALF = COLUMNS / 2;

  /// Bits of 1: a code in the four highest mantissa bits adds a sixteenth of itself.
  private static final int ONE = 0x3f800000;

  private static final int HIGHEST = 0x00780000;
  private static final int TO_HIGHEST = 19;

  public Q40Weights() {
    super(DType.Q4_0);
  }

  @Override
  void decode(long at, int count, long to) {
    long row = Lanes.address(at);
    for (int b = 0; b < count; b++) {
      long block = row + (long) b * BYTES;
      // Sixteenths are exact, so the product is the codec's.
      float d = 16 * scale(block);
      for (int c = 0; c < HALF; c += L) {
        IntVector w = Lanes.loadBytes(block + CODES + c);
        long column = to + 4L * ((long) b * COLUMNS + c);
        low(w).mul(d).intoMemorySegment(Lanes.ALL, column, Lanes.LE);
        high(w).mul(d).intoMemorySegment(Lanes.ALL, column + 4L * HALF, Lanes.LE);
      }
    }
  }

  @Override
  void products(long blocks, long stride, int rows, int count, long x, long out) {
    for (int r = 0; r < rows; r++) {
      Lanes.ALL.set(JAVA_FLOAT_UNALIGNED, out + 4L * r, dot(blocks + r * stride, count, x));
    }
  }

  private static float dot(long at, int count, long x) {
    FloatVector total = FloatVector.zero(F);
    long row = Lanes.address(at);
    for (int b = 0; b < count; b++) {
      long block = row + (long) b * BYTES;
      FloatVector sum = FloatVector.zero(F);
      for (int c = 0; c < HALF; c += L) {
        IntVector w = Lanes.loadBytes(block + CODES + c);
        long from = x + 4L * ((long) b * COLUMNS + c);
        sum = low(w).fma(Lanes.load(from), sum);
        sum = high(w).fma(Lanes.load(from + 4L * HALF), sum);
      }
      total = sum.fma(FloatVector.broadcast(F, scale(block)), total);
    }
    return 16 * Lanes.sum(total);
  }

  /// Sixteenths of what the low nibbles of bytes stand for.
  private static FloatVector low(IntVector bytes) {
    return sixteenths(bytes.lanewise(VectorOperators.LSHL, TO_HIGHEST));
  }

  private static FloatVector high(IntVector bytes) {
    return sixteenths(bytes.lanewise(VectorOperators.LSHL, TO_HIGHEST - 4));
  }

  private static FloatVector sixteenths(IntVector shifted) {
    return shifted.and(HIGHEST).or(ONE).reinterpretAsFloats().sub(1.5f);
  }
}
