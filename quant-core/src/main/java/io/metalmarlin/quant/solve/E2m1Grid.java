package io.metalmarlin.quant.solve;

import io.metalmarlin.formats.scheme.GroupScheme;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/// The E2M1 grid (0, 0.5, 1, 1.5, 2, 3, 4, 6 and their negatives) with round-to-nearest-even, in
/// vector registers.
///
/// E2M1 keeps one mantissa bit, so with `x` in `[2^e, 2^(e+1))` the grid step is `2^(e-1)`; below 1
/// it stays 0.5. Adding and subtracting `2^(e+22)`, whose unit in the last place is that step,
/// rounds `x` to the grid, ties to even, in two additions.
final class E2m1Grid implements GridKernel {
  private static final float[] MAGNITUDES = {0, .5f, 1, 1.5f, 2, 3, 4, 6};
  private static final float LARGEST = 6;

  private static final VectorSpecies<Float> F = Lanes.SPECIES;

  private static final int EXPONENT = 0x7f80_0000;
  private static final int SIGN = 0x8000_0000;
  private static final int ONE = Float.floatToRawIntBits(1);
  private static final int SIX = Float.floatToRawIntBits(LARGEST);

  // 8 where a negative number that rounds to zero keeps its sign, else 0.
  private final int negativeZero;
  // What is added before the sign is read: +0 turns an exact -0 into +0, -0 leaves it.
  private final float plusZero;

  private E2m1Grid(int negativeZero, float plusZero) {
    this.negativeZero = negativeZero;
    this.plusZero = plusZero;
  }

  /// Whether the scheme's codes are E2M1 with the rounding of this class, found by asking it: every
  /// value, every tie, both sides of every tie, saturation, zeros of both signs.
  static boolean describes(GroupScheme scheme) {
    if (scheme.codeBits() != 4) {
      return false;
    }
    for (int code = 0; code < 16; code++) {
      float value = code < 8 ? MAGNITUDES[code] : -MAGNITUDES[code - 8];
      if (scheme.value(code) != value) {
        return false;
      }
    }
    E2m1Grid grid = of(scheme);
    float[] probes = new float[16 * LANES];
    float[] ones = new float[probes.length];
    Arrays.fill(ones, 1);
    int n = 0;
    for (float sign : new float[] {1, -1}) {
      for (int m = 0; m < 8; m++) {
        float tie = (MAGNITUDES[m] + MAGNITUDES[Math.min(m + 1, 7)]) / 2;
        for (float x : new float[] {MAGNITUDES[m], Math.nextDown(tie), tie, Math.nextUp(tie)}) {
          probes[n++] = sign * x;
        }
      }
      probes[n++] = sign * 7;
      probes[n++] = sign * 1e30f;
      probes[n++] = sign * 1e-30f;
    }
    float[] values = new float[probes.length];
    int[] codes = new int[probes.length];
    grid.round(probes, 0, ones, ones, 0, probes.length, values, codes);
    for (int i = 0; i < probes.length; i++) {
      if (codes[i] != scheme.nearest(probes[i])) {
        return false;
      }
    }
    return true;
  }

  static E2m1Grid of(GroupScheme scheme) {
    return new E2m1Grid(scheme.nearest(-1e-30f) & 8, scheme.nearest(-0f) == 8 ? -0f : 0f);
  }

  /// Two short loops instead of one: a body of more than about 16 vector operations is no longer
  /// compiled into vector registers.
  @Override
  public void round(
      float[] v, int vFrom, float[] scale, float[] zero, int from, int n, float[] q, int[] code) {
    for (int i = 0; i < n; i += F.length()) {
      FloatVector x = FloatVector.fromArray(F, v, vFrom + i);
      FloatVector s = FloatVector.fromArray(F, scale, from + i);
      nearest(x.abs().div(s)).intoArray(q, i);
    }
    for (int i = 0; i < n; i += F.length()) {
      FloatVector g = FloatVector.fromArray(F, q, i);
      IntVector sign =
          FloatVector.fromArray(F, v, vFrom + i).add(plusZero).reinterpretAsInts().and(SIGN);
      // The codes are a concave function of the magnitudes with slopes 2, 1 and 1/2.
      IntVector magnitude =
          g.add(g)
              .reinterpretAsInts()
              .min(g.add(2).reinterpretAsInts())
              .min(g.mul(.5f).add(4).reinterpretAsInts())
              .reinterpretAsFloats()
              .add(0x1p23f)
              .reinterpretAsInts()
              .and(7);
      magnitude.or(sign.lanewise(VectorOperators.LSHR, 28)).intoArray(code, i);
      FloatVector s = FloatVector.fromArray(F, scale, from + i);
      s.mul(g).reinterpretAsInts().or(sign).reinterpretAsFloats().intoArray(q, i);
    }
    for (int i = 0; negativeZero == 0 && i < n; i++) {
      code[i] = code[i] == 8 ? 0 : code[i];
    }
  }

  @Override
  public void loss(float[] group, int columns, int n, float[] scale, float[] zero, float[] loss) {
    for (int i = 0; i < n; i += F.length()) {
      FloatVector s = FloatVector.fromArray(F, scale, i);
      FloatVector inverse = FloatVector.broadcast(F, 1).div(s);
      FloatVector sum = FloatVector.zero(F);
      for (int c = 0; c < columns; c++) {
        FloatVector w = FloatVector.fromArray(F, group, c * n + i).abs();
        FloatVector r = w.sub(s.mul(nearest(w.mul(inverse))));
        sum = sum.add(r.mul(r));
      }
      sum.intoArray(loss, i);
    }
  }

  /// The grid magnitude nearest to `x >= 0`.
  private static FloatVector nearest(FloatVector x) {
    // Bits of non-negative floats order like integers, whose minimum is one instruction.
    IntVector bits = x.reinterpretAsInts().min(SIX);
    FloatVector magic = bits.and(EXPONENT).max(ONE).reinterpretAsFloats().mul(0x1p22f);
    return bits.reinterpretAsFloats().add(magic).sub(magic);
  }
}
