package io.metalmarlin.runtime.text;

/// Text to token ids and back.
public interface Tokenizer {
  /// Ids of the text without any added begin or end token; added-token strings inside the text become
  /// their ids.
  int[] encode(CharSequence text);

  /// The text of the ids; bytes that are no UTF-8 become U+FFFD. Special tokens are skipped.
  String decode(int... ids);

  int vocabularySize();
}
