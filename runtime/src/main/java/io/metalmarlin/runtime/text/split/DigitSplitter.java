package io.metalmarlin.runtime.text.split;

import io.metalmarlin.runtime.text.unicode.Characters;

/// The `Digits` pre-tokenizer: numeric characters (Unicode categories Nd, Nl, No) apart from the
/// rest, in runs or one by one. Unicode 16 as in this Java: digits that 17 added (Tolong Siki) are
/// none here.
record DigitSplitter(boolean individual) implements Splitter {
  @Override
  public void split(String text, int start, int end, boolean first, Sink out) {
    int from = start;
    boolean digits = false;
    int width;
    for (int at = start; at < end; at += width) {
      int c = text.codePointAt(at);
      width = Character.charCount(c);
      boolean digit = Characters.isNumeric(c);
      if (at > from && (digit != digits || digit && individual)) {
        out.piece(text, from, at, first && from == start);
        from = at;
      }
      digits = digit;
    }
    out.piece(text, from, end, first && from == start);
  }
}
