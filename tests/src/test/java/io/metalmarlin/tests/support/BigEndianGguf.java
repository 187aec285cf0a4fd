package io.metalmarlin.tests.support;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/// A little-endian GGUF file of F32 tensors as a big-endian machine writes it: every number of the
/// header and of the data the other way round.
public final class BigEndianGguf {
  private static final int STRING = 8;
  private static final int ARRAY = 9;

  /// Bytes of a value by its type number.
  private static final int[] WIDTH = {1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8};

  private final ByteBuffer in;
  private final ByteBuffer out;

  private BigEndianGguf(byte[] file) {
    this.in = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
    this.out = ByteBuffer.allocate(file.length).order(ByteOrder.BIG_ENDIAN);
  }

  public static byte[] of(byte[] file) {
    return new BigEndianGguf(file).swap();
  }

  private byte[] swap() {
    bytes(4);
    number(4);
    long tensors = number(8);
    long keys = number(8);
    for (long i = 0; i < keys; i++) {
      string();
      value((int) number(4));
    }
    for (long i = 0; i < tensors; i++) {
      string();
      long dimensions = number(4);
      for (long d = 0; d < dimensions; d++) {
        number(8);
      }
      if (number(4) != 0) {
        throw new IllegalArgumentException("not F32");
      }
      number(8);
    }
    bytes(-in.position() & 31);
    while (in.hasRemaining()) {
      number(4);
    }
    return out.array();
  }

  private void value(int type) {
    switch (type) {
      case STRING -> string();
      case ARRAY -> {
        int element = (int) number(4);
        long count = number(8);
        for (long i = 0; i < count; i++) {
          value(element);
        }
      }
      default -> number(WIDTH[type]);
    }
  }

  private void string() {
    bytes((int) number(8));
  }

  private void bytes(int count) {
    for (int i = 0; i < count; i++) {
      out.put(in.get());
    }
  }

  private long number(int width) {
    long value =
        switch (width) {
          case 1 -> in.get() & 0xff;
          case 2 -> in.getShort() & 0xffff;
          case 4 -> in.getInt() & 0xffffffffL;
          default -> in.getLong();
        };
    switch (width) {
      case 1 -> out.put((byte) value);
      case 2 -> out.putShort((short) value);
      case 4 -> out.putInt((int) value);
      default -> out.putLong(value);
    }
    return value;
  }
}
