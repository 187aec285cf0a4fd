package io.metalmarlin.formats.scheme.ggml;

import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/// The kernels on vectors of 4, 8 or 16 numbers.
final class VectorKernels implements EncodeKernels {
  /// A quarter of a vector of integers, but no less than there is: with four lanes half of it is
  /// used.
  private static final VectorSpecies<Byte> BYTES =
      VectorSpecies.of(byte.class, VectorShape.forBitSize(Math.max(64, 8 * Lanes.COUNT)));

  /// Middles between the levels of E2M1, for twice the values.
  private static final float[] BOUNDS = {0.5f, 1.5f, 2.5f, 3.5f, 5, 7, 10};

  private final ScalarKernels scalar = new ScalarKernels();

  @Override
  public void affine(AffineFit fit, float[] x, int o, int groups, float[] weights, Lines lines) {
    new LaneAffineFit(fit).fit(x, o, groups, weights, lines);
  }

  @Override
  public void symmetric(
      SymmetricFit fit, float[] x, int o, int groups, float[] weights, Lines lines) {
    new LaneSymmetricFit(fit).fit(x, o, groups, weights, lines);
  }

  @Override
  public void nonLinear(float[] x, int o, int groups, float[] weights, float[] factors) {
    new LaneNonLinearFit().fit(x, o, groups, weights, factors);
  }

  @Override
  public void nonLinearCodes(float[] x, int o, float inverse, byte[] codes, int co) {
    for (int j = 0; j < 32; j += Lanes.COUNT) {
      FloatVector v = FloatVector.fromArray(Lanes.FLOATS, x, o + j).mul(inverse);
      store(LaneNonLinearFit.nearest(v), codes, co + j);
    }
  }

  @Override
  public void affineCodes(
      float[] x, int o, int n, float scale, float min, int levels, byte[] codes, int co) {
    for (int i = 0; i < n; i += Lanes.COUNT) {
      FloatVector v = FloatVector.fromArray(Lanes.FLOATS, x, o + i);
      store(Lanes.nearestInt(v.add(min).div(scale), 0, levels), codes, co + i);
    }
  }

  @Override
  public void symmetricCodes(float[] x, int o, int n, float scale, int half, byte[] codes, int co) {
    for (int i = 0; i < n; i += Lanes.COUNT) {
      FloatVector v = FloatVector.fromArray(Lanes.FLOATS, x, o + i);
      store(Lanes.nearestInt(v.div(scale), -half, half - 1).add(half), codes, co + i);
    }
  }

  @Override
  public void symmetricBlocks(int bits, float[] x, int o, int blocks, byte[] out, int at) {
    new LaneBlocks(bits).symmetric(x, o, blocks, out, at);
  }

  @Override
  public void affineBlocks(int bits, float[] x, int o, int blocks, byte[] out, int at) {
    new LaneBlocks(bits).affine(x, o, blocks, out, at);
  }

  @Override
  public float magnitude(float[] x, int o, int n) {
    float most = Float.intBitsToFloat(LaneBlocks.magnitude(x, o, n));
    return Float.isNaN(most) ? scalar.magnitude(x, o, n) : most;
  }

  @Override
  public void fp4Codes(float[] x, int o, float half, byte[] codes, int co) {
    if (half == 0 || LaneBlocks.magnitude(x, o, 16) > Float.floatToRawIntBits(16 * half)) {
      scalar.fp4Codes(x, o, half, codes, co);
      return;
    }
    for (int j = 0; j < 16; j += Lanes.COUNT) {
      FloatVector v = FloatVector.fromArray(Lanes.FLOATS, x, o + j);
      FloatVector a = v.abs();
      IntVector code = IntVector.zero(Lanes.INTS);
      for (float bound : BOUNDS) {
        code =
            code.add(1, FloatVector.broadcast(Lanes.FLOATS, bound * half).lt(a).cast(Lanes.INTS));
      }
      IntVector signs = v.reinterpretAsInts().lanewise(VectorOperators.LSHR, 28).and(8);
      store(
          code.lanewise(VectorOperators.OR, signs, code.compare(VectorOperators.NE, 0)),
          codes,
          co + j);
    }
  }

  /// Stores the low bytes of all lanes.
  static void store(IntVector codes, byte[] out, int at) {
    ByteVector bytes = (ByteVector) codes.convertShape(VectorOperators.I2B, BYTES, 0);
    if (Lanes.COUNT == 4) {
      Bytes.putI32(out, at, bytes.reinterpretAsInts().lane(0));
    } else {
      bytes.intoArray(out, at);
    }
  }
}
