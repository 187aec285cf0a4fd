package io.metalmarlin.runtime.text.decode;

import io.metalmarlin.runtime.text.spec.Spec;
import java.util.List;

/// Joins WordPiece tokens: those with the prefix to the word before, the others behind a space.
final class WordPieceDecoder extends Stage {
  /// What `cleanup` does to each token: what, and what instead.
  private static final List<String> CLEANUP =
      List.of(
          " .", ".", " ?", "?", " !", "!", " ,", ",", " ' ", "'", " n't", "n't", " 'm", "'m",
          " do not", " don't", " 's", "'s", " 've", "'ve", " 're", "'re");

  private final String prefix;
  private final boolean cleanup;
  private boolean begun;

  private WordPieceDecoder(TextSink next, String prefix, boolean cleanup) {
    super(next);
    this.prefix = prefix;
    this.cleanup = cleanup;
  }

  static Decoder of(Spec spec) {
    String prefix = spec.text("prefix", "##");
    boolean cleanup = spec.flag("cleanup", true);
    return next -> new WordPieceDecoder(next, prefix, cleanup);
  }

  @Override
  protected void accept(String whole) {
    String text = whole;
    if (begun) {
      text = text.startsWith(prefix) ? text.substring(prefix.length()) : " " + text;
    }
    begun = true;
    if (cleanup) {
      for (int i = 0; i < CLEANUP.size(); i += 2) {
        text = text.replace(CLEANUP.get(i), CLEANUP.get(i + 1));
      }
    }
    next.token(text);
  }
}
