package io.metalmarlin.runtime.text.sentencepiece;

import io.metalmarlin.formats.model.gguf.SentencePieceModel;
import io.metalmarlin.formats.model.gguf.SentencePieceModel.Piece;
import io.metalmarlin.formats.model.gguf.TokenKind;
import io.metalmarlin.runtime.text.model.BpeMerger;
import io.metalmarlin.runtime.text.model.Ids;
import io.metalmarlin.runtime.text.model.MergeTable;
import io.metalmarlin.runtime.text.model.TokenModel;
import io.metalmarlin.runtime.text.model.Unknown;
import io.metalmarlin.runtime.text.model.WordCuts;
import io.metalmarlin.runtime.text.split.Splitter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// SentencePiece's BPE: of all neighbours whose joint text is a piece, those with the best score
/// are joined first, the leftmost among equals. User-defined pieces never join.
final class PieceBpe implements TokenModel {
  /// Every way to cut a piece is looked at; SentencePiece's own limit is 16 characters.
  private static final int LONGEST = 1024;

  private final Map<String, Integer> ids = new HashMap<>();
  private final PrefixMatcher userDefined;
  private final Unknown unknown;
  private final BpeMerger merger;
  private final Splitter cuts;

  /// A way to make a piece of two.
  private record Rule(String left, String right, Piece piece) {}

  PieceBpe(SentencePieceModel model, PrefixMatcher userDefined, Unknown unknown) {
    this.userDefined = userDefined;
    this.unknown = unknown;
    for (int id = 0; id < model.pieces().size(); id++) {
      if (model.pieces().get(id).kind() == TokenKind.NORMAL) {
        ids.putIfAbsent(model.pieces().get(id).text(), id);
      }
    }
    List<Rule> rules = rules(model);
    MergeTable table = new MergeTable(rules.size());
    List<String> merges = new ArrayList<>(rules.size() * 2);
    int rank = 0;
    for (int i = 0; i < rules.size(); i++) {
      Rule rule = rules.get(i);
      // Equal scores are equal ranks, so that the place decides.
      rank = i > 0 && rules.get(i - 1).piece().score() == rule.piece().score() ? rank : i;
      table.put(ids.get(rule.left()), ids.get(rule.right()), rank, ids.get(rule.piece().text()));
      merges.add(rule.left());
      merges.add(rule.right());
    }
    this.merger = new BpeMerger(table);
    boolean marked =
        model.pieces().stream()
            .anyMatch(
                p -> p.kind() == TokenKind.USER_DEFINED && p.text().lastIndexOf('\u2581') > 0);
    this.cuts = marked || !ids.containsKey("\u2581") ? Splitter.WHOLE : WordCuts.of(merges);
  }

  private List<Rule> rules(SentencePieceModel model) {
    List<Rule> all = new ArrayList<>();
    for (Piece piece : model.pieces()) {
      String text = piece.text();
      if (piece.kind() != TokenKind.NORMAL || text.length() > LONGEST) {
        continue;
      }
      for (int at = 1; at < text.length(); at++) {
        if (ids.containsKey(text.substring(0, at)) && ids.containsKey(text.substring(at))) {
          all.add(new Rule(text.substring(0, at), text.substring(at), piece));
        }
      }
    }
    all.sort(Comparator.comparingDouble((Rule r) -> r.piece().score()).reversed());
    return all;
  }

  @Override
  public Splitter cuts() {
    return cuts;
  }

  @Override
  public void tokenize(String piece, Ids out) {
    Ids symbols = new Ids(piece.length());
    boolean behindUnknown = false;
    int at = 0;
    while (at < piece.length()) {
      long user = userDefined.longest(piece, at);
      String symbol = Character.toString(piece.codePointAt(at));
      int id = user >= 0 ? (int) user : ids.getOrDefault(symbol, -1);
      at += user >= 0 ? (int) (user >>> 32) : symbol.length();
      boolean known = id >= 0 || unknown.bytes(symbol, symbols);
      if (id >= 0) {
        symbols.add(id);
      } else if (!known && !behindUnknown) {
        symbols.add(unknown.id());
      }
      behindUnknown = !known;
    }
    int[] all = symbols.toArray();
    out.addAll(all, merger.merge(all, all.length));
  }
}
