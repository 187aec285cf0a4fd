package io.metalmarlin.runtime.text;

import java.nio.charset.StandardCharsets;

/// Text to token ids and back.
public interface Tokenizer {
  /// Ids of the text without any added begin or end token; added-token strings inside the text
  /// become their ids.
  int[] encode(CharSequence text);

  /// The bytes that the ids stand for, in order; a character may be split between two ids. Special
  /// tokens and ids unknown to the tokenizer (padding rows of an embedding) stand for nothing.
  byte[] decodeBytes(int... ids);

  /// The text of the ids; bytes that are no UTF-8 become U+FFFD. Special tokens are skipped.
  default String decode(int... ids) {
    return new String(decodeBytes(ids), StandardCharsets.UTF_8);
  }

  /// One more than the largest id that [#encode] can give.
  int vocabularySize();
}
