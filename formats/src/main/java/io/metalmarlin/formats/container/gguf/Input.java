package io.metalmarlin.formats.container.gguf;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The header's bytes from front to back through one small buffer. Lengths are checked against what
/// is left of the file before anything is allocated for them.
final class Input {
  /// ggml's limit on strings and arrays, 1 GiB.
  static final long MAX_LENGTH = 1L << 30;

  private static final int BUFFER = 1 << 16;
  private static final char REPLACEMENT = '\uFFFD';

  private final Path file;
  private final FileChannel channel;
  private final long fileSize;
  private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER).limit(0);
  private long bufferEnd;

  Input(Path file, FileChannel channel, long fileSize) {
    this.file = file;
    this.channel = channel;
    this.fileSize = fileSize;
    buffer.order(ByteOrder.LITTLE_ENDIAN);
  }

  ByteOrder order() {
    return buffer.order();
  }

  void order(ByteOrder order) {
    buffer.order(order);
  }

  /// The byte of the file that is read next.
  long position() {
    return bufferEnd - buffer.remaining();
  }

  /// Bytes of the file from [#position] on.
  long left() {
    return fileSize - position();
  }

  byte u8() throws IOException {
    need(1);
    return buffer.get();
  }

  short u16() throws IOException {
    need(2);
    return buffer.getShort();
  }

  int u32() throws IOException {
    need(4);
    return buffer.getInt();
  }

  long u64() throws IOException {
    need(8);
    return buffer.getLong();
  }

  /// `count` bytes, which the caller knows to be there.
  byte[] bytes(int count) throws IOException {
    byte[] out = new byte[count];
    int at = Math.min(count, buffer.remaining());
    buffer.get(out, 0, at);
    if (at == count) {
      return out;
    }
    ByteBuffer rest = ByteBuffer.wrap(out, at, count - at);
    while (rest.hasRemaining()) {
      int read = channel.read(rest, bufferEnd);
      if (read < 0) {
        throw shrunk();
      }
      bufferEnd += read;
    }
    return out;
  }

  /// A name: a string that must be text.
  ///
  /// @param subject what it is the name of, for messages
  String name(String subject) throws IOException {
    long at = position();
    byte[] bytes = string(subject);
    return text(bytes)
        .orElseThrow(
            () -> fault(Fault.INVALID_UTF8, subject, at + Long.BYTES, "UTF-8", "other bytes"));
  }

  /// The bytes of a string with its length before it.
  ///
  /// @param subject the key or tensor that it belongs to, for messages
  byte[] string(String subject) throws IOException {
    long at = position();
    long length = u64();
    if (length < 0 || length > Math.min(left(), MAX_LENGTH)) {
      throw fault(
          Fault.STRING_TOO_LONG,
          subject,
          at,
          "at most " + grouped(Math.min(left(), MAX_LENGTH)) + " bytes",
          Long.toUnsignedString(length));
    }
    return bytes((int) length);
  }

  /// The bytes as text, or empty where they are not UTF-8. Vocabularies have some hundred thousand
  /// strings: a strict decoder is made only where the lenient one may have replaced something.
  static Optional<String> text(byte[] bytes) {
    String lenient = new String(bytes, StandardCharsets.UTF_8);
    if (lenient.indexOf(REPLACEMENT) < 0) {
      return Optional.of(lenient);
    }
    try {
      return Optional.of(
          StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString());
    } catch (CharacterCodingException notText) {
      return Optional.empty();
    }
  }

  private void need(int count) throws IOException {
    if (buffer.remaining() >= count) {
      return;
    }
    if (left() < count) {
      throw fault(
          Fault.HEADER_TRUNCATED, null, fileSize, "the rest of the header", "the end of the file");
    }
    buffer.compact();
    while (buffer.position() < count) {
      int read = channel.read(buffer, bufferEnd);
      if (read < 0) {
        throw shrunk();
      }
      bufferEnd += read;
    }
    buffer.flip();
  }

  GgufException fault(
      Fault fault, @Nullable String subject, long at, String expected, String actual) {
    return new GgufException(fault, file, subject, at, expected, actual);
  }

  private GgufException shrunk() throws IOException {
    return fault(
        Fault.CHANGED, null, bufferEnd, grouped(fileSize) + " bytes", grouped(channel.size()));
  }

  static String grouped(long n) {
    return String.format(Locale.ROOT, "%,d", n);
  }
}
