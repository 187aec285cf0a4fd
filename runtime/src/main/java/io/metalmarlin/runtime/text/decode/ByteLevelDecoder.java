package io.metalmarlin.runtime.text.decode;

import io.metalmarlin.runtime.text.unicode.ByteAlphabet;

/// Byte letters back to bytes, the bytes of all tokens as one UTF-8 text. A character split between
/// two tokens appears with its last byte; bytes that are no UTF-8 become U+FFFD.
final class ByteLevelDecoder extends Stage {
  private final LossyUtf8 text = new LossyUtf8();

  ByteLevelDecoder(TextSink next) {
    super(next);
  }

  @Override
  protected void accept(String whole) {
    next.part(text.accept(ByteAlphabet.bytes(whole)));
  }

  @Override
  public void finish() {
    next.token(text.finish());
    next.finish();
  }
}
