package io.metalmarlin.formats.container.gguf;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/// Writes GGUF bytes by hand, true or false ones, in either byte order. Knows nothing of our
/// writer.
final class RawGguf {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteOrder order;

  RawGguf(ByteOrder order) {
    this.order = order;
  }

  /// Magic, version and counts.
  static RawGguf header(ByteOrder order, long tensors, long keys) {
    RawGguf g = new RawGguf(order);
    g.raw("GGUF".getBytes(StandardCharsets.US_ASCII));
    return g.u32(3).u64(tensors).u64(keys);
  }

  static RawGguf header(long tensors, long keys) {
    return header(ByteOrder.LITTLE_ENDIAN, tensors, keys);
  }

  RawGguf raw(byte... bytes) {
    out.writeBytes(bytes);
    return this;
  }

  RawGguf u16(int v) {
    return raw(ByteBuffer.allocate(2).order(order).putShort((short) v).array());
  }

  RawGguf u32(long v) {
    return raw(ByteBuffer.allocate(4).order(order).putInt((int) v).array());
  }

  RawGguf u64(long v) {
    return raw(ByteBuffer.allocate(8).order(order).putLong(v).array());
  }

  RawGguf string(String s) {
    byte[] utf8 = s.getBytes(StandardCharsets.UTF_8);
    return u64(utf8.length).raw(utf8);
  }

  /// A key with a string.
  RawGguf text(String key, String value) {
    return string(key).u32(8).string(value);
  }

  RawGguf tensor(String name, int type, long offset, long... ne) {
    string(name).u32(ne.length);
    for (long n : ne) {
      u64(n);
    }
    return u32(type).u64(offset);
  }

  /// Zeros up to a multiple of `alignment`.
  RawGguf pad(int alignment) {
    while (out.size() % alignment != 0) {
      out.write(0);
    }
    return this;
  }

  byte[] bytes() {
    return out.toByteArray();
  }
}
