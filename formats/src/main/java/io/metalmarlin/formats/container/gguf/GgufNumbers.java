package io.metalmarlin.formats.container.gguf;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.stream.IntStream;

/// An array of numbers or truth values, kept as the little-endian bytes of the file: a vocabulary
/// has a score and a type for each of its hundred thousand tokens.
public final class GgufNumbers implements GgufValue {
  private final GgufType element;
  private final ByteBuffer bytes;

  /// @param bytes little-endian elements; belongs to this object from now on
  GgufNumbers(GgufType element, byte[] bytes) {
    if (element == GgufType.STRING || element == GgufType.ARRAY) {
      throw new IllegalArgumentException(element + " is no number");
    }
    if (bytes.length % element.leastBytes() != 0) {
      throw new IllegalArgumentException(bytes.length + " bytes are no whole " + element + "s");
    }
    this.element = element;
    this.bytes = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  public static GgufNumbers uint8(byte... values) {
    return new GgufNumbers(GgufType.UINT8, values.clone());
  }

  public static GgufNumbers int32(int... values) {
    ByteBuffer b = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    b.asIntBuffer().put(values);
    return new GgufNumbers(GgufType.INT32, b.array());
  }

  public static GgufNumbers float32(float... values) {
    ByteBuffer b = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    b.asFloatBuffer().put(values);
    return new GgufNumbers(GgufType.FLOAT32, b.array());
  }

  @Override
  public GgufType type() {
    return GgufType.ARRAY;
  }

  public GgufType element() {
    return element;
  }

  public int size() {
    return bytes.capacity() / element.leastBytes();
  }

  /// Element `i` of an array of whole numbers or truth values; of UINT64 the 64 bits.
  ///
  /// @throws IllegalStateException for an array of floats
  public long whole(int i) {
    return switch (element) {
      case UINT8 -> bytes.get(i) & 0xff;
      case INT8 -> bytes.get(i);
      case BOOL -> bytes.get(i) == 0 ? 0 : 1;
      case UINT16 -> bytes.getShort(2 * i) & 0xffff;
      case INT16 -> bytes.getShort(2 * i);
      case UINT32 -> bytes.getInt(4 * i) & 0xffff_ffffL;
      case INT32 -> bytes.getInt(4 * i);
      case UINT64, INT64 -> bytes.getLong(8 * i);
      default -> throw new IllegalStateException(element + " is not whole");
    };
  }

  /// Element `i` as a floating-point number.
  public double real(int i) {
    return switch (element) {
      case FLOAT32 -> bytes.getFloat(4 * i);
      case FLOAT64 -> bytes.getDouble(8 * i);
      default -> whole(i);
    };
  }

  /// The elements of an array of whole numbers, in order.
  ///
  /// @throws ArithmeticException for an element beyond 32 bits
  public int[] ints() {
    return IntStream.range(0, size()).map(i -> Math.toIntExact(whole(i))).toArray();
  }

  /// The elements as they stand in a little-endian file.
  byte[] littleEndian() {
    return bytes.array();
  }

  @Override
  public String display() {
    return element + "[" + size() + "]";
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof GgufNumbers o
        && element == o.element
        && Arrays.equals(bytes.array(), o.bytes.array());
  }

  @Override
  public int hashCode() {
    return 31 * element.hashCode() + Arrays.hashCode(bytes.array());
  }

  @Override
  public String toString() {
    return display();
  }
}
