package io.metalmarlin.runtime.text.sentencepiece;

import io.metalmarlin.formats.model.gguf.SentencePieceModel;
import io.metalmarlin.formats.model.gguf.TokenKind;
import io.metalmarlin.runtime.text.model.CharTrie;

/// Finds user-defined pieces, which stand for themselves whatever is around them.
final class PrefixMatcher {
  private final CharTrie pieces = new CharTrie();
  private boolean empty = true;

  PrefixMatcher(SentencePieceModel model) {
    for (int id = 0; id < model.pieces().size(); id++) {
      if (model.pieces().get(id).kind() == TokenKind.USER_DEFINED) {
        pieces.put(model.pieces().get(id).text(), id);
        empty = false;
      }
    }
  }

  /// `length << 32 | id` of the longest one at a place, or -1.
  long longest(String text, int at) {
    long best = -1;
    int node = CharTrie.ROOT;
    for (int i = at; !empty && i < text.length(); i++) {
      node = pieces.next(node, text.charAt(i));
      if (node < 0) {
        break;
      }
      if (pieces.value(node) >= 0) {
        best = (long) (i + 1 - at) << 32 | pieces.value(node);
      }
    }
    return best;
  }
}
