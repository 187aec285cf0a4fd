package io.metalmarlin.runtime.text.model;

import io.metalmarlin.runtime.text.split.Splitter;
import io.metalmarlin.runtime.text.unicode.ByteAlphabet;
import io.metalmarlin.runtime.text.vocabulary.Vocabulary;
import java.util.Arrays;
import java.util.Map;

/// BPE on characters, with unknown tokens or byte fallback (SentencePiece's kind, CLIP's, BERT-like
/// ones).
final class CharacterBpe implements TokenModel {
  private static final int TABLE = 1 << 16;

  private final Vocabulary vocabulary;
  private final BpeMerger merger;
  private final Affixes affixes;
  private final Unknown unknown;
  private final boolean ignoreMerges;
  private final Splitter cuts;
  private final boolean spelled;
  private final int[] characterIds = new int[TABLE];

  /// @param spelled whether pieces are to be spelled in bytes first
  CharacterBpe(
      Vocabulary vocabulary,
      BpeMerger merger,
      Affixes affixes,
      Unknown unknown,
      boolean ignoreMerges,
      Splitter cuts,
      boolean spelled) {
    this.vocabulary = vocabulary;
    this.merger = merger;
    this.affixes = affixes;
    this.unknown = unknown;
    this.ignoreMerges = ignoreMerges;
    this.cuts = cuts;
    this.spelled = spelled;
    Arrays.fill(characterIds, -1);
    for (Map.Entry<String, Integer> e : vocabulary.ids().entrySet()) {
      if (e.getKey().length() == 1) {
        characterIds[e.getKey().charAt(0)] = e.getValue();
      }
    }
  }

  @Override
  public Splitter cuts() {
    return cuts;
  }

  @Override
  public void tokenize(String piece, Ids out) {
    String text = spelled ? ByteAlphabet.spelled(piece) : piece;
    int whole = ignoreMerges ? vocabulary.id(text) : -1;
    if (whole >= 0) {
      out.add(whole);
      return;
    }
    int[] ids = symbols(text);
    out.addAll(ids, merger.merge(ids, ids.length));
  }

  private int[] symbols(String text) {
    Ids symbols = new Ids(text.length());
    boolean pending = false;
    int width;
    for (int at = 0; at < text.length(); at += width) {
      int c = text.codePointAt(at);
      width = Character.charCount(c);
      int id = id(text, c, at, at + width);
      if (id >= 0) {
        if (pending) {
          symbols.add(unknown.id());
          pending = false;
        }
        symbols.add(id);
        continue;
      }
      String symbol = affixes.around(Character.toString(c), at == 0, at + width == text.length());
      // Bytes do not end a run of unknown characters: its token comes behind them.
      if (unknown.bytes(symbol, symbols)) {
        continue;
      }
      int unk = unknown.required(symbol);
      if (pending && !unknown.fused()) {
        symbols.add(unk);
      }
      pending = true;
    }
    if (pending) {
      symbols.add(unknown.id());
    }
    return symbols.toArray();
  }

  private int id(String text, int c, int start, int end) {
    if (!affixes.isEmpty()) {
      return vocabulary.id(affixes.around(Character.toString(c), start == 0, end == text.length()));
    }
    return c < TABLE ? characterIds[c] : vocabulary.id(text.substring(start, end));
  }
}
