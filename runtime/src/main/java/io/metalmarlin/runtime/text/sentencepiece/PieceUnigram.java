package io.metalmarlin.runtime.text.sentencepiece;

import io.metalmarlin.formats.model.gguf.SentencePieceModel;
import io.metalmarlin.formats.model.gguf.SentencePieceModel.Piece;
import io.metalmarlin.formats.model.gguf.TokenKind;
import io.metalmarlin.runtime.text.model.CharTrie;
import io.metalmarlin.runtime.text.model.Ids;
import io.metalmarlin.runtime.text.model.Lattice;
import io.metalmarlin.runtime.text.model.TokenModel;
import io.metalmarlin.runtime.text.model.Unknown;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// SentencePiece's Unigram: sums of scores in 32 bits, and user-defined pieces score so high that
/// they are always taken.
final class PieceUnigram implements TokenModel {
  private static final float UNKNOWN_PENALTY = 10;
  private static final float USER_DEFINED_COST = 0.1f;

  private final Lattice lattice;
  private final Unknown unknown;

  PieceUnigram(SentencePieceModel model, Unknown unknown) {
    this.unknown = unknown;
    CharTrie trie = new CharTrie();
    double[] scores = new double[model.pieces().size()];
    float worst = Float.MAX_VALUE;
    float best = -Float.MAX_VALUE;
    for (Piece piece : model.pieces()) {
      if (piece.kind() == TokenKind.NORMAL) {
        worst = Math.min(worst, piece.score());
        best = Math.max(best, piece.score());
      }
    }
    for (int id = 0; id < scores.length; id++) {
      Piece piece = model.pieces().get(id);
      boolean user = piece.kind() == TokenKind.USER_DEFINED;
      if (user || piece.kind() == TokenKind.NORMAL) {
        trie.put(piece.text(), id);
      }
      int bytes = piece.text().getBytes(StandardCharsets.UTF_8).length;
      scores[id] = user ? bytes * best - USER_DEFINED_COST : piece.score();
    }
    this.lattice = new Lattice(trie, scores, worst - UNKNOWN_PENALTY, true);
  }

  @Override
  public void tokenize(String piece, Ids out) {
    Lattice.Path path = lattice.best(piece);
    List<Integer> ends = new ArrayList<>();
    for (int end = piece.length(); end > 0; end = path.starts()[end]) {
      ends.add(end);
    }
    boolean behindUnknown = false;
    for (int end : ends.reversed()) {
      int id = path.values()[end];
      String text = piece.substring(path.starts()[end], end);
      boolean known = id >= 0 || unknown.bytes(text, out);
      if (id >= 0) {
        out.add(id);
      } else if (!known && !behindUnknown) {
        out.add(unknown.id());
      }
      behindUnknown = !known;
    }
  }
}
