package io.metalmarlin.runtime.text.model;

import io.metalmarlin.runtime.text.spec.Spec;

/// WordPiece: from left to right the longest token that fits; a word that cannot be cut so, or is
/// too long, is one unknown token.
final class WordPieceModel implements TokenModel {
  private final CharTrie tokens = new CharTrie();
  private final int continuing;
  private final int unknown;
  private final int longest;

  private WordPieceModel(ModelInput in, String prefix, int unknown, int longest) {
    in.vocabulary().ids().forEach(tokens::put);
    this.continuing = tokens.walk(CharTrie.ROOT, prefix);
    this.unknown = unknown;
    this.longest = longest;
  }

  static WordPieceModel of(ModelInput in) {
    Spec spec = in.spec();
    return new WordPieceModel(
        in,
        spec.text("continuing_subword_prefix", "##"),
        in.known("unk_token", spec.text("unk_token", "[UNK]")),
        spec.whole("max_input_chars_per_word", 100));
  }

  @Override
  public void tokenize(String piece, Ids out) {
    if (piece.codePointCount(0, piece.length()) > longest) {
      out.add(unknown);
      return;
    }
    Ids ids = new Ids(piece.length());
    int count = 0;
    int at = 0;
    while (at < piece.length()) {
      int node = at == 0 ? CharTrie.ROOT : continuing;
      int found = CharTrie.NONE;
      int end = at;
      for (int i = at; i < piece.length() && node >= 0; i++) {
        node = tokens.next(node, piece.charAt(i));
        if (node >= 0 && tokens.value(node) >= 0) {
          found = tokens.value(node);
          end = i + 1;
        }
      }
      if (found < 0) {
        out.add(unknown);
        return;
      }
      ids.add(found);
      count++;
      at = end;
    }
    out.addAll(ids.toArray(), count);
  }
}
