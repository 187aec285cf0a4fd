package io.metalmarlin.runtime.text.regex;

import java.util.function.IntPredicate;

/// Finds parts of a text from left to right, not overlapping.
public interface Finder {
  /// Hands each match in `text[start, end)` to `out`; nothing outside is looked at.
  void find(String text, int start, int end, Found out);

  /// Receives matches.
  interface Found {
    /// `text[start, end)` matches.
    void match(int start, int end);
  }

  /// Every code point of a class by itself.
  static Finder of(IntPredicate wanted) {
    return (text, start, end, out) -> {
      int width;
      for (int at = start; at < end; at += width) {
        int c = text.codePointAt(at);
        width = Character.charCount(c);
        if (wanted.test(c)) {
          out.match(at, at + width);
        }
      }
    };
  }
}
