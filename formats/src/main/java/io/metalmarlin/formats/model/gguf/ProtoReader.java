package io.metalmarlin.formats.model.gguf;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// The fields of one protobuf message, one after the other. Every length is checked against what is
/// left, so that a damaged file ends in an error and not in memory.
final class ProtoReader {
  private static final int VARINT = 0;
  private static final int FIXED64 = 1;
  private static final int BYTES = 2;
  private static final int FIXED32 = 5;

  private final String where;
  private final byte[] data;
  private final int end;
  private int at;
  private int wire;

  ProtoReader(String where, byte[] data) {
    this(where, data, 0, data.length);
  }

  private ProtoReader(String where, byte[] data, int from, int end) {
    this.where = where;
    this.data = data;
    this.at = from;
    this.end = end;
  }

  /// The number of the next field, or 0 at the end. Its value must be read or skipped next.
  int next() {
    if (at == end) {
      return 0;
    }
    long key = varint();
    wire = (int) key & 7;
    long field = key >>> 3;
    if (field < 1 || field > (1 << 29) - 1) {
      throw malformed("field number " + field);
    }
    return (int) field;
  }

  /// A whole number or truth value.
  long whole() {
    expect(VARINT);
    return varint();
  }

  float real() {
    expect(FIXED32);
    int from = take(4);
    int bits = 0;
    for (int i = 3; i >= 0; i--) {
      bits = bits << 8 | data[from + i] & 0xff;
    }
    return Float.intBitsToFloat(bits);
  }

  String text() {
    expect(BYTES);
    int length = length();
    return new String(data, take(length), length, StandardCharsets.UTF_8);
  }

  byte[] bytes() {
    expect(BYTES);
    int length = length();
    int from = take(length);
    return Arrays.copyOfRange(data, from, from + length);
  }

  ProtoReader message() {
    expect(BYTES);
    int length = length();
    int from = take(length);
    return new ProtoReader(where, data, from, from + length);
  }

  void skip() {
    switch (wire) {
      case VARINT -> varint();
      case FIXED64 -> take(8);
      case BYTES -> take(length());
      case FIXED32 -> take(4);
      default -> throw malformed("wire type " + wire);
    }
  }

  private void expect(int kind) {
    if (wire != kind) {
      throw malformed("wire type " + wire + " where " + kind + " should be");
    }
  }

  private int length() {
    long length = varint();
    if (length < 0 || length > end - at) {
      throw malformed("a field of " + length + " bytes where " + (end - at) + " are left");
    }
    return (int) length;
  }

  private int take(int bytes) {
    if (bytes > end - at) {
      throw malformed("a field of " + bytes + " bytes where " + (end - at) + " are left");
    }
    int from = at;
    at += bytes;
    return from;
  }

  private long varint() {
    long value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      byte b = data[take(1)];
      value |= (long) (b & 0x7f) << shift;
      if (b >= 0) {
        return value;
      }
    }
    throw malformed("a number of more than 64 bits");
  }

  private MarlinException malformed(String what) {
    return new MarlinException(
        ErrorCode.TOKENIZER_MALFORMED,
        where,
        "is no SentencePiece model: " + what + " at byte " + at,
        "Download it again, or remove it to use tokenizer.json alone.");
  }
}
