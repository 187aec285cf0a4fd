package io.metalmarlin.runtime.text.decode;

import io.metalmarlin.runtime.text.unicode.ByteAlphabet;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/// Byte letters back to bytes, the bytes of all tokens as one UTF-8 text. A character split between
/// two tokens appears with its last byte; bytes that are no UTF-8 become U+FFFD.
final class ByteLevelDecoder extends Stage {
  /// No UTF-8 character is longer than this many bytes, so no more than one less are ever held
  /// back.
  private static final int LONGEST = 4;

  private final CharsetDecoder decoder =
      StandardCharsets.UTF_8
          .newDecoder()
          .onMalformedInput(CodingErrorAction.REPLACE)
          .onUnmappableCharacter(CodingErrorAction.REPLACE);
  private byte[] held = new byte[0];

  ByteLevelDecoder(TextSink next) {
    super(next);
  }

  @Override
  protected void accept(String whole) {
    next.part(decode(ByteAlphabet.bytes(whole), false));
  }

  @Override
  public void finish() {
    next.token(decode(new byte[0], true));
    next.finish();
  }

  private String decode(byte[] more, boolean end) {
    ByteBuffer in = ByteBuffer.allocate(held.length + more.length).put(held).put(more).flip();
    CharBuffer out = CharBuffer.allocate(in.remaining() + LONGEST);
    decoder.decode(in, out, end);
    if (end) {
      decoder.flush(out);
    }
    held = new byte[in.remaining()];
    in.get(held);
    return out.flip().toString();
  }
}
