package io.metalmarlin.runtime.text;

import io.metalmarlin.runtime.text.decode.Decoder;
import io.metalmarlin.runtime.text.frame.Frame;
import org.jspecify.annotations.Nullable;

/// Text to token ids and back.
public interface Tokenizer {
  /// Ids of the text without any added begin or end token; added-token strings inside the text
  /// become their ids.
  int[] encode(CharSequence text);

  /// The begin and end tokens that the tokenizer's file puts around a text.
  Frame frame();

  /// The string that the vocabulary has for an id. Null for special tokens, which text does not
  /// show, and for ids unknown to the tokenizer (padding rows of an embedding).
  @Nullable String token(int id);

  /// What makes text of those strings.
  Decoder decoder();

  /// The text of the ids; bytes that are no UTF-8 become U+FFFD. Special tokens are skipped.
  default String decode(int... ids) {
    DecodeStream stream = new DecodeStream(this);
    StringBuilder text = new StringBuilder();
    for (int id : ids) {
      text.append(stream.accept(id));
    }
    return text.append(stream.finish()).toString();
  }

  /// One more than the largest id that [#encode] can give.
  int vocabularySize();
}
