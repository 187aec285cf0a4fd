package io.metalmarlin.runtime.cpu.simd;

import static io.metalmarlin.runtime.cpu.simd.Lanes.F;
import static io.metalmarlin.runtime.cpu.simd.Lanes.I;
import static io.metalmarlin.runtime.cpu.simd.Lanes.L;

import io.metalmarlin.formats.scheme.BlockMatrix;
import io.metalmarlin.runtime.cpu.kernel.WeightKernel;
import io.metalmarlin.runtime.model.StoredMatrix;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;

/// ggml's Q4_0 with rounded inputs: codes of 0 to 15 are multiplied as they are, and eight times
/// the sum of the inputs is taken off.
final class Q40Panels extends PanelKernel {
  private static final short NIBBLE = 15;
  private static final short OFFSET = -8;
  private static final int SCALE_BYTES = 2;

  private static final ThreadLocal<int[]> SUMS = ThreadLocal.withInitial(() -> new int[0]);

  private final int blockBytes;

  private Q40Panels(StoredMatrix matrix, WeightKernel exact, Panels panels) {
    super(matrix, exact, Int8Inputs.HALVES, panels);
    this.blockBytes = panels.blockBytes();
  }

  static Q40Panels of(StoredMatrix matrix, WeightKernel exact, BlockMatrix m) {
    Panels.Part codes = new Panels.Part(m.blocks(), m.stride(), m.type().blockBytes(), SCALE_BYTES);
    Panels.Part scales = new Panels.Part(m.blocks(), m.stride(), m.type().blockBytes(), 0);
    return new Q40Panels(
        matrix,
        exact,
        new Panels(new Panels.Source(m.rows(), m.cols(), codes, scales, 1, SCALE_BYTES)));
  }

  /// In two loops, because the compiler stops inlining in a longer one and boxes the rest.
  @Override
  FloatVector product(long panel, int blocks, long x) {
    int[] sums = SUMS.get();
    if (sums.length < blocks * L) {
      sums = new int[blocks * L];
      SUMS.set(sums);
    }
    whole(panel, blocks, x, blockBytes, sums);
    return scaled(panel, blocks, x, blockBytes, sums);
  }

  /// Sums of codes times inputs, a row in every lane.
  private static void whole(long panel, int blocks, long x, int blockBytes, int[] sums) {
    long first = Lanes.address(panel);
    long inputs = Lanes.address(x);
    for (int b = 0; b < blocks; b++) {
      long block = first + (long) b * blockBytes;
      long in = inputs + (long) b * Int8Inputs.BYTES;
      ShortVector s = pair(in + Int8Inputs.SUMS).mul(OFFSET);
      for (int v = 0; v < 4; v++) {
        ShortVector w = codes(block + 4L * L * v);
        long at = in + Int8Inputs.PAIRS + 16L * v;
        for (int j = 0; j < 4; j++) {
          s = s.add(w.and(NIBBLE).mul(pair(at + 4L * j)));
          w = w.lanewise(VectorOperators.LSHR, 4);
        }
      }
      both(s).intoArray(sums, b * L);
    }
  }

  private static FloatVector scaled(long panel, int blocks, long x, int blockBytes, int[] sums) {
    long scales = Lanes.address(panel) + Panels.scales();
    long factors = Lanes.address(x) + Int8Inputs.SCALE;
    FloatVector total = FloatVector.zero(F);
    for (int b = 0; b < blocks; b++) {
      FloatVector sum =
          (FloatVector) IntVector.fromArray(I, sums, b * L).convert(VectorOperators.I2F, 0);
      FloatVector factor = factor(factors + (long) b * Int8Inputs.BYTES);
      total = sum.mul(factor).fma(half(scales + (long) b * blockBytes), total);
    }
    return total;
  }

  /// L finite fp16 numbers.
  private static FloatVector half(long address) {
    IntVector bits = Lanes.loadWords(Lanes.ALL, address).lanewise(VectorOperators.LSHL, 16);
    // Exponent and mantissa come to where fp32 has them, 2^112 makes up for the bias.
    return bits.lanewise(VectorOperators.ASHR, 3)
        .and(0x8fffe000)
        .reinterpretAsFloats()
        .mul(0x1p112f);
  }
}
