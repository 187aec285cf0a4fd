package io.metalmarlin.runtime.text.split;

import io.metalmarlin.runtime.text.spec.Spec;

/// The `FixedLength` pre-tokenizer: pieces of so many code points, the last one of what is left.
record LengthSplitter(int length) implements Splitter {
  static LengthSplitter of(Spec spec) {
    int length = spec.whole("length", 5);
    if (length < 1) {
      throw spec.unsupported("length " + length);
    }
    return new LengthSplitter(length);
  }

  @Override
  public void split(String text, int start, int end, boolean first, Sink out) {
    int from = start;
    int count = 0;
    for (int at = start; at < end; at += Character.charCount(text.codePointAt(at))) {
      if (count == length) {
        out.piece(text, from, at, first && from == start);
        from = at;
        count = 0;
      }
      count++;
    }
    out.piece(text, from, end, first && from == start);
  }
}
