package io.metalmarlin.runtime.cpu.simd;

import static io.metalmarlin.runtime.cpu.simd.Lanes.F;
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

  @Override
  void product(long panel, int blocks, long x, long to) {
    product(panel, blocks, x, to, blockBytes);
  }

  private static void product(long panel, int blocks, long x, long to, int blockBytes) {
    long first = Lanes.address(panel);
    long inputs = Lanes.address(x);
    FloatVector total = FloatVector.zero(F);
    for (int b = 0; b < blocks; b++) {
      long block = first + (long) b * blockBytes;
      long in = inputs + (long) b * Int8Inputs.BYTES;
      IntVector whole = both(pair(in + Int8Inputs.SUMS).mul(OFFSET));
      // Two short chains of sums instead of a long one: more blocks are on their way at a time.
      for (int part = 0; part < 2; part++) {
        ShortVector s = ShortVector.zero(S);
        for (int v = 2 * part; v < 2 * part + 2; v++) {
          ShortVector w = codes(block + 4L * L * v);
          long at = in + Int8Inputs.PAIRS + 16L * v;
          for (int j = 0; j < 4; j++) {
            ShortVector code = w.lanewise(VectorOperators.LSHR, 4 * j).and(NIBBLE);
            s = code.mul(pair(at + 4L * j)).add(s);
          }
        }
        whole = whole.add(both(s));
      }
      FloatVector sum = floats(whole).mul(factor(in + Int8Inputs.SCALE));
      total = sum.fma(half(block + Panels.scales()), total);
    }
    total.intoMemorySegment(Lanes.ALL, Lanes.address(to), Lanes.LE);
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
