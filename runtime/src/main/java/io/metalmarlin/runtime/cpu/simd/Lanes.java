package io.metalmarlin.runtime.cpu.simd;

import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/// The machine's vector shape (at most 512 bits) and the few steps every kernel shares.
///
/// `reduceLanes(ADD)` and `lanewise(EXP)` are not used: their results may differ between
/// interpreted and compiled code, and results here must not depend on when the JIT compiler comes
/// around.
final class Lanes {
  static final VectorSpecies<Float> F =
      VectorSpecies.of(
          float.class,
          VectorShape.forBitSize(Math.min(512, FloatVector.SPECIES_PREFERRED.vectorBitSize())));
  static final VectorSpecies<Integer> I = F.withLanes(int.class);

  /// As many shorts as there are float lanes.
  static final VectorSpecies<Short> S =
      VectorSpecies.of(short.class, VectorShape.forBitSize(F.vectorBitSize() / 2));

  static final int L = F.length();
  static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;

  /// Lane `i` takes lane `i ^ distance`.
  static final VectorShuffle<Float> SWAP_1 = swap(1);

  static final VectorShuffle<Float> SWAP_2 = swap(2);
  static final VectorShuffle<Float> SWAP_4 = swap(4);
  static final VectorShuffle<Float> SWAP_8 = swap(8);

  private static final float LOG2_E = 1.44269504088896341f;
  // ln 2 in two parts: n * LN2_HIGH is exact for the n that occur.
  private static final float LN2_HIGH = 0.693359375f;
  private static final float LN2_LOW = -2.12194440e-4f;
  // Adding it rounds to a whole number that then stands in the low mantissa bits.
  private static final float ROUND = 0x1.8p23f;

  private static final IntVector BYTE_SHIFTS = byteShifts();

  private Lanes() {}

  private static IntVector byteShifts() {
    int[] shifts = new int[L];
    for (int i = 0; i < L; i++) {
      shifts[i] = 8 * (i % 4);
    }
    return IntVector.fromArray(I, shifts, 0);
  }

  private static VectorShuffle<Float> swap(int distance) {
    return VectorShuffle.fromOp(F, i -> (i ^ distance) % L);
  }

  static FloatVector load(MemorySegment s, long offset) {
    return FloatVector.fromMemorySegment(F, s, offset, LE);
  }

  /// L 16-bit words, zero-extended.
  static IntVector loadWords(MemorySegment s, long offset) {
    return (IntVector)
        ShortVector.fromMemorySegment(S, s, offset, LE)
            .convertShape(VectorOperators.ZERO_EXTEND_S2I, I, 0);
  }

  /// L bytes, zero-extended.
  static IntVector loadBytes(MemorySegment s, long offset) {
    return switch (L) {
      case 16 ->
          (IntVector)
              ByteVector.fromMemorySegment(ByteVector.SPECIES_128, s, offset, LE)
                  .convertShape(VectorOperators.ZERO_EXTEND_B2I, I, 0);
      case 8 ->
          (IntVector)
              ByteVector.fromMemorySegment(ByteVector.SPECIES_64, s, offset, LE)
                  .convertShape(VectorOperators.ZERO_EXTEND_B2I, I, 0);
      default ->
          IntVector.broadcast(I, s.get(JAVA_INT_UNALIGNED, offset))
              .lanewise(VectorOperators.LSHR, BYTE_SHIFTS)
              .and(0xff);
    };
  }

  /// Sum of the lanes by a tree of fixed shape.
  static float sum(FloatVector v) {
    if (L > 8) {
      v = v.add(v.rearrange(SWAP_8));
    }
    if (L > 4) {
      v = v.add(v.rearrange(SWAP_4));
    }
    v = v.add(v.rearrange(SWAP_2));
    v = v.add(v.rearrange(SWAP_1));
    return v.lane(0);
  }

  /// `e^x` to about 1e-7 relative, for x clamped to [-86, 88].
  ///
  /// Source: Cephes `expf` (argument reduction and coefficients).
  static FloatVector exp(FloatVector x) {
    x = x.max(-86f).min(88f);
    FloatVector shifted = x.fma(broadcast(LOG2_E), broadcast(ROUND));
    FloatVector n = shifted.sub(ROUND);
    FloatVector r = n.fma(broadcast(-LN2_HIGH), x);
    r = n.fma(broadcast(-LN2_LOW), r);
    FloatVector p = broadcast(1.9875691500e-4f).fma(r, broadcast(1.3981999507e-3f));
    p = p.fma(r, broadcast(8.3334519073e-3f));
    p = p.fma(r, broadcast(4.1665795894e-2f));
    p = p.fma(r, broadcast(1.6666665459e-1f));
    p = p.fma(r, broadcast(5.0000001201e-1f));
    p = p.fma(r.mul(r), r.add(1f));
    // ROUND's own bits vanish in the shift, n moves into the exponent.
    IntVector exponent = shifted.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23);
    return p.reinterpretAsInts().add(exponent).reinterpretAsFloats();
  }

  private static FloatVector broadcast(float v) {
    return FloatVector.broadcast(F, v);
  }
}
