package io.metalmarlin.runtime.cpu.simd;

import static io.metalmarlin.runtime.cpu.simd.Lanes.F;
import static io.metalmarlin.runtime.cpu.simd.Lanes.L;

import io.metalmarlin.formats.scheme.QuantizedMatrix;
import io.metalmarlin.formats.scheme.TensorScale;
import io.metalmarlin.runtime.cpu.kernel.WeightKernel;
import io.metalmarlin.runtime.model.StoredMatrix;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;

/// NVFP4 in whatever layout with rounded inputs: a table holds twice the E2M1 values, which are
/// whole numbers up to 12.
final class Nvfp4Panels extends PanelKernel {
  private static final int GROUPS = 2;
  private static final short[] DOUBLED = {0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12};
  // An index is a nibble and, where there are 32 lanes, the bit above it, which changes nothing.
  private static final ShortVector VALUES = ShortVector.fromArray(S, table(), 0);

  private final int blockBytes;
  private final TensorScale scale;

  private Nvfp4Panels(StoredMatrix matrix, WeightKernel exact, Panels panels, TensorScale scale) {
    super(matrix, exact, Int8Inputs.IN_ORDER, panels);
    this.blockBytes = panels.blockBytes();
    this.scale = scale;
  }

  static Nvfp4Panels of(StoredMatrix matrix, WeightKernel exact, QuantizedMatrix m) {
    int codeBytes = Int8Inputs.COLUMNS / 2;
    Panels.Part codes = new Panels.Part(m.codes(), m.codeStride(), codeBytes, 0);
    Panels.Part scales = new Panels.Part(m.scales(), m.groups(), GROUPS, 0);
    return new Nvfp4Panels(
        matrix,
        exact,
        new Panels(new Panels.Source(m.rows(), m.cols(), codes, scales, GROUPS, 1)),
        m.tensorScale());
  }

  @Override
  void product(long panel, int blocks, long x, long to) {
    product(panel, blocks, x, to, blockBytes);
    FloatVector y = Lanes.load(to);
    y =
        switch (scale.kind()) {
          case NONE -> y;
          case DIVISOR -> y.div(scale.value());
          case MULTIPLIER -> y.mul(scale.value());
        };
    y.intoMemorySegment(Lanes.ALL, to, Lanes.LE);
  }

  private static void product(long panel, int blocks, long x, long to, int blockBytes) {
    long first = Lanes.address(panel);
    long inputs = Lanes.address(x);
    FloatVector total = FloatVector.zero(F);
    for (int b = 0; b < blocks; b++) {
      long block = first + (long) b * blockBytes;
      long in = inputs + (long) b * Int8Inputs.BYTES;
      FloatVector sum = FloatVector.zero(F);
      for (int g = 0; g < GROUPS; g++) {
        ShortVector s = ShortVector.zero(S);
        for (int v = 2 * g; v < 2 * g + 2; v++) {
          ShortVector w = codes(block + 4L * L * v);
          long at = in + Int8Inputs.PAIRS + 16L * v;
          for (int j = 0; j < 4; j++) {
            ShortVector value = value(w.lanewise(VectorOperators.LSHR, 4 * j));
            s = value.mul(pair(at + 4L * j)).add(s);
          }
        }
        sum = sums(s).fma(e4m3(block + Panels.scales() + (long) L * g), sum);
      }
      total = sum.fma(factor(in + Int8Inputs.SCALE), total);
    }
    // The table's values are doubled.
    total.mul(.5f).intoMemorySegment(Lanes.ALL, Lanes.address(to), Lanes.LE);
  }

  /// Twice the values of the lowest nibbles of 16-bit lanes.
  private static ShortVector value(ShortVector w) {
    if (L > 4) {
      return w.selectFrom(VALUES);
    }
    // Eight lanes hold the magnitudes only.
    ShortVector sign = w.lanewise(VectorOperators.LSHL, 12).lanewise(VectorOperators.ASHR, 15);
    return w.selectFrom(VALUES).lanewise(VectorOperators.XOR, sign).sub(sign);
  }

  /// L numbers of E4M3; NaN codes are refused when a checkpoint is opened or its panels are made.
  private static FloatVector e4m3(long address) {
    IntVector bits = Lanes.loadBytes(address).lanewise(VectorOperators.LSHL, 24);
    return bits.lanewise(VectorOperators.ASHR, 4)
        .and(0x87f00000)
        .reinterpretAsFloats()
        .mul(0x1p120f);
  }

  private static short[] table() {
    short[] all = new short[S.length()];
    for (int i = 0; i < all.length; i++) {
      all[i] = DOUBLED[i % DOUBLED.length];
    }
    return all;
  }
}
