package io.metalmarlin.runtime.text.model;

import io.metalmarlin.runtime.text.split.Splitter;
import io.metalmarlin.runtime.text.vocabulary.Vocabulary;
import java.util.BitSet;
import java.util.List;

/// Where SentencePiece's BPE can be run word by word although it knows no words: before a `▁` that
/// no merge joins to the character in front of it. Nothing ever merges across such a place, so both
/// sides get the ids that they get together.
///
/// @param joined the characters (their last UTF-16 unit) that some merge joins to a `▁` behind them
public record WordCuts(BitSet joined) implements Splitter {
  /// No place is known.
  static final Splitter NONE = Splitter.WHOLE;

  private static final char MARK = '\u2581';

  /// @param merges left and right of rule i at 2i and 2i+1
  ///
  /// @return places only where `▁` is a token of its own
  static Splitter of(List<String> merges, Vocabulary vocabulary) {
    return vocabulary.id(String.valueOf(MARK)) < 0 ? NONE : of(merges);
  }

  /// As above, for a vocabulary that has `▁`.
  public static Splitter of(List<String> merges) {
    BitSet joined = new BitSet();
    for (int i = 0; i + 1 < merges.size(); i += 2) {
      String right = merges.get(i + 1);
      String left = merges.get(i);
      if (!left.isEmpty() && right.startsWith("\u2581")) {
        joined.set(left.charAt(left.length() - 1));
      }
    }
    // `<0x0A>▁`: the character in the text would be another one.
    return joined.get('>') ? NONE : new WordCuts(joined);
  }

  @Override
  public void split(String text, int start, int end, boolean first, Sink out) {
    int from = start;
    for (int at = text.indexOf(MARK, start + 1); at >= 0 && at < end; ) {
      char before = text.charAt(at - 1);
      if (before != MARK && !joined.get(before)) {
        out.piece(text, from, at, first && from == start);
        from = at;
      }
      at = text.indexOf(MARK, at + 1);
    }
    out.piece(text, from, end, first && from == start);
  }
}
