package io.metalmarlin.runtime.cpu.simd;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import io.metalmarlin.formats.scheme.QuantizedMatrix;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/// A row of codes of 2, 3 or 4 bits, one stream, read as many at a time as fit 32 bits: the same
/// word in every lane, shifted by another number of bits in each. Work memory of one thread.
final class CodeStream {
  /// At most 256 bits, eight codes of four bits in a word.
  static final VectorSpecies<Integer> I = Lanes.L > 8 ? IntVector.SPECIES_256 : Lanes.I;

  static final VectorSpecies<Float> F = I.withLanes(float.class);

  /// Codes of a vector.
  static final int CODES = I.length();

  private static final VarHandle WORD =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

  /// The shifts for each width, eight apart.
  private static final int[] SHIFTS = new int[5 * 8];

  static {
    for (int i = 0; i < SHIFTS.length; i++) {
      SHIFTS[i] = i / 8 * (i % 8);
    }
  }

  private final QuantizedMatrix m;
  private final int bits;
  private final byte[] row;

  CodeStream(QuantizedMatrix m) {
    this.m = m;
    this.bits = m.scheme().codeBits();
    // More bytes, so that a word can be read at the last code.
    this.row = new byte[m.codeStride() + 4];
  }

  /// The codes of a row, until the next is asked for.
  byte[] row(int r) {
    MemorySegment.copy(m.codes(), JAVA_BYTE, (long) r * m.codeStride(), row, 0, m.codeStride());
    return row;
  }

  /// The codes of the columns from `c` on, a multiple of [#CODES].
  static IntVector codes(byte[] row, int c, int bits) {
    int bit = c * bits;
    int word = (int) WORD.get(row, bit >> 3) >>> (bit & 7);
    return IntVector.broadcast(I, word)
        .lanewise(VectorOperators.LSHR, IntVector.fromArray(I, SHIFTS, 8 * bits))
        .and((1 << bits) - 1);
  }

  /// The code of one column.
  static int code(byte[] row, int c, int bits) {
    int bit = c * bits;
    return (int) WORD.get(row, bit >> 3) >>> (bit & 7) & (1 << bits) - 1;
  }

  /// The inputs of the columns from `c` on.
  static FloatVector inputs(MemorySegment x, int c) {
    return FloatVector.fromMemorySegment(F, x, 4L * c, Lanes.LE);
  }

  /// Sum of the lanes, in their order.
  static float sum(FloatVector v) {
    float[] lanes = new float[CODES];
    v.intoArray(lanes, 0);
    float sum = 0;
    for (float lane : lanes) {
      sum += lane;
    }
    return sum;
  }
}
