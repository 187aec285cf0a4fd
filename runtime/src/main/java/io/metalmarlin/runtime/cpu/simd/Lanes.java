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

  private static final IntVector TOP_SHIFTS = BYTE_SHIFTS.neg().add(24);

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

  /// All memory, read and written by address. A segment that is a constant needs no profile of the
  /// kinds of segments seen, which the vector methods share with the whole program: a kernel that
  /// once saw heap, native and mapped memory ran ten times slower. Nothing is checked, so kernels
  /// check sizes at their entry and keep the owners of the memory reachable.
  static final MemorySegment ALL = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

  private static final long ADDRESSES = (1L << 52) - 1;

  /// Where a native segment begins. That no bit above 52 is set lets the compiler see that no sum
  /// with an index leaves [#ALL].
  static long address(MemorySegment s) {
    if (!s.isNative()) {
      throw new IllegalArgumentException("kernels read native memory, not " + s);
    }
    return address(s.address());
  }

  /// The same address, said so that the compiler sees its range; for the beginning of an inner
  /// loop.
  static long address(long address) {
    return address & ADDRESSES;
  }

  static FloatVector load(long address) {
    return FloatVector.fromMemorySegment(F, ALL, address, LE);
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
  static IntVector loadBytes(long address) {
    return loadBytes(ALL, address);
  }

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

  /// L signed bytes as floats.
  static FloatVector loadSigned(long address) {
    return switch (L) {
      case 16 ->
          (FloatVector)
              ByteVector.fromMemorySegment(ByteVector.SPECIES_128, ALL, address, LE)
                  .convertShape(VectorOperators.B2F, F, 0);
      case 8 ->
          (FloatVector)
              ByteVector.fromMemorySegment(ByteVector.SPECIES_64, ALL, address, LE)
                  .convertShape(VectorOperators.B2F, F, 0);
      default ->
          (FloatVector)
              IntVector.broadcast(I, ALL.get(JAVA_INT_UNALIGNED, address))
                  .lanewise(VectorOperators.LSHL, TOP_SHIFTS)
                  .lanewise(VectorOperators.ASHR, 24)
                  .convert(VectorOperators.I2F, 0);
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
