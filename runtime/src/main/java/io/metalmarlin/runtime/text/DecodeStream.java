package io.metalmarlin.runtime.text;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/// Decodes ids one at a time, for text that is shown while it is generated: a character split
/// between two ids appears when its last byte has come, never as U+FFFD in between.
///
/// The pieces of one stream joined are what [Tokenizer#decode] gives for all ids at once. Not safe
/// for several threads.
public final class DecodeStream {
  /// No UTF-8 character is longer than this many bytes, so no more than one less are ever held
  /// back.
  private static final int LONGEST = 4;

  private final Tokenizer tokenizer;
  private final CharsetDecoder decoder =
      StandardCharsets.UTF_8
          .newDecoder()
          .onMalformedInput(CodingErrorAction.REPLACE)
          .onUnmappableCharacter(CodingErrorAction.REPLACE);
  private byte[] held = new byte[0];

  public DecodeStream(Tokenizer tokenizer) {
    this.tokenizer = tokenizer;
  }

  /// Takes the next id and returns the text that became complete, possibly empty.
  public String accept(int id) {
    return decode(tokenizer.decodeBytes(id), false);
  }

  /// The text of bytes still held back; the stream may be used again from an empty state.
  public String finish() {
    String rest = decode(new byte[0], true);
    decoder.reset();
    return rest;
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
