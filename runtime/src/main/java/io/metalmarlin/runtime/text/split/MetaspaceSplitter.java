package io.metalmarlin.runtime.text.split;

import io.metalmarlin.runtime.text.spec.Prepend;
import io.metalmarlin.runtime.text.spec.Spec;

/// SentencePiece's spaces: each becomes a visible character, one may be put in front, and every
/// piece begins with one.
///
/// @param mark stands for a space, `▁`
/// @param cut whether words become pieces
record MetaspaceSplitter(String mark, Prepend prepend, boolean cut) implements Splitter {
  static MetaspaceSplitter of(Spec spec) {
    return new MetaspaceSplitter(
        Character.toString(spec.character("replacement", 0x2581)),
        Prepend.of(spec),
        spec.flag("split", true));
  }

  @Override
  public void split(String text, int start, int end, boolean first, Sink out) {
    String marked = text.substring(start, end).replace(" ", mark);
    if ((prepend == Prepend.ALWAYS || prepend == Prepend.FIRST && first)
        && !marked.startsWith(mark)) {
      marked = mark + marked;
    }
    int from = 0;
    int next = cut ? marked.indexOf(mark, 1) : -1;
    while (next >= 0) {
      out.piece(marked, from, next, first && from == 0);
      from = next;
      next = marked.indexOf(mark, from + 1);
    }
    out.piece(marked, from, marked.length(), first && from == 0);
  }
}
