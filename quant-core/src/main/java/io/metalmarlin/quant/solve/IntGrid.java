package io.metalmarlin.quant.solve;

import io.metalmarlin.formats.scheme.GroupScheme.Zero;
import io.metalmarlin.formats.scheme.IntScheme;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/// Integer grids with round-half-to-even, in vector registers: clamped to the grid's ends first, a
/// quotient is rounded by adding and subtracting `1.5 * 2^23`, whose unit in the last place is 1.
final class IntGrid implements GridKernel {
  private static final VectorSpecies<Float> F = Lanes.SPECIES;
  private static final float MAGIC = 0x1.8p23f;

  private final Zero zero;
  private final int offset;
  private final float lowest;
  private final float highest;

  IntGrid(IntScheme scheme) {
    this.zero = scheme.zero();
    this.offset = scheme.offset();
    this.lowest = scheme.value(0);
    this.highest = scheme.value((1 << scheme.bits()) - 1);
  }

  /// Two short loops: a body of more than about 16 vector operations is no longer compiled into
  /// vector registers.
  @Override
  public void round(
      float[] v, int vFrom, float[] scale, float[] zeros, int from, int n, float[] q, int[] code) {
    for (int i = 0; i < n; i += F.length()) {
      FloatVector x = FloatVector.fromArray(F, v, vFrom + i);
      FloatVector s = FloatVector.fromArray(F, scale, from + i);
      FloatVector z = FloatVector.fromArray(F, zeros, from + i);
      (zero == Zero.BIAS ? nearest(x.sub(z).div(s)) : point(x.div(s), z)).intoArray(q, i);
    }
    for (int i = 0; i < n; i += F.length()) {
      FloatVector k = FloatVector.fromArray(F, q, i);
      FloatVector z = FloatVector.fromArray(F, zeros, from + i);
      FloatVector s = FloatVector.fromArray(F, scale, from + i);
      ((IntVector) k.add(offset).convert(VectorOperators.F2I, 0)).intoArray(code, i);
      value(k, s, z).intoArray(q, i);
    }
  }

  @Override
  public void loss(float[] group, int columns, int n, float[] scale, float[] zeros, float[] loss) {
    for (int i = 0; i < n; i += F.length()) {
      FloatVector s = FloatVector.fromArray(F, scale, i);
      FloatVector z = FloatVector.fromArray(F, zeros, i);
      FloatVector inverse = FloatVector.broadcast(F, 1).div(s);
      FloatVector sum = FloatVector.zero(F);
      for (int c = 0; c < columns; c++) {
        FloatVector w = FloatVector.fromArray(F, group, c * n + i);
        FloatVector k =
            zero == Zero.BIAS ? nearest(w.sub(z).mul(inverse)) : point(w.mul(inverse), z);
        FloatVector r = w.sub(value(k, s, z));
        sum = sum.add(r.mul(r));
      }
      sum.intoArray(loss, i);
    }
  }

  /// The whole number of the grid nearest to `x`, moved by the zero point if there is one.
  private FloatVector point(FloatVector x, FloatVector z) {
    if (zero == Zero.NONE) {
      return nearest(x);
    }
    // Whole numbers of this size add exactly, so the order of rounding and moving is the scheme's.
    return x.max(-0x1p20f).min(0x1p20f).add(MAGIC).sub(MAGIC).add(z).max(lowest).min(highest);
  }

  private FloatVector nearest(FloatVector x) {
    return x.max(lowest).min(highest).add(MAGIC).sub(MAGIC);
  }

  private FloatVector value(FloatVector k, FloatVector s, FloatVector z) {
    return switch (zero) {
      case NONE -> s.mul(k);
      case POINT -> k.sub(z).mul(s);
      case BIAS -> k.mul(s).add(z);
    };
  }
}
