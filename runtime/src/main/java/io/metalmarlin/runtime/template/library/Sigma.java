package io.metalmarlin.runtime.template.library;

import java.util.Locale;

/// Lower case as Python makes it: a capital sigma at the end of a word is another letter than one
/// within (SpecialCasing of Unicode). Java asks its own idea of words instead.
final class Sigma {
  private static final int CAPITAL = 0x3A3;

  /// What may stand within a word without being a letter, besides marks, modifiers and formats.
  private static final String WITHIN =
      "'.:\u00b7\u0387\u055f\u05f4\u2018\u2019\u2024\u2027"
          + "\ufe13\ufe52\ufe55\uff07\uff0e\uff1a";

  private Sigma() {}

  /// `s` from `from` on in lower case; what stands before counts for the end of words.
  static String lower(String s, int from) {
    if (s.indexOf(CAPITAL) < 0) {
      return s.substring(from).toLowerCase(Locale.ROOT);
    }
    StringBuilder out = new StringBuilder(s.length());
    for (int at = from; at < s.length(); at += Character.charCount(s.codePointAt(at))) {
      out.append(lowerAt(s, at));
    }
    return out.toString();
  }

  /// The code point at `at` in lower case.
  static String lowerAt(String s, int at) {
    int c = s.codePointAt(at);
    if (c == CAPITAL) {
      return endsWord(s, at) ? "\u03c2" : "\u03c3";
    }
    return Character.toString(c).toLowerCase(Locale.ROOT);
  }

  private static boolean endsWord(String s, int at) {
    int before = at;
    while (before > 0 && within(s.codePointBefore(before))) {
      before -= Character.charCount(s.codePointBefore(before));
    }
    if (before == 0 || !cased(s.codePointBefore(before))) {
      return false;
    }
    int behind = at + 1;
    while (behind < s.length() && within(s.codePointAt(behind))) {
      behind += Character.charCount(s.codePointAt(behind));
    }
    return behind == s.length() || !cased(s.codePointAt(behind));
  }

  /// Whether a code point has a case.
  static boolean cased(int c) {
    return Character.isUpperCase(c) || Character.isLowerCase(c) || Character.isTitleCase(c);
  }

  private static boolean within(int c) {
    return switch (Character.getType(c)) {
      case Character.NON_SPACING_MARK,
          Character.ENCLOSING_MARK,
          Character.FORMAT,
          Character.MODIFIER_LETTER,
          Character.MODIFIER_SYMBOL ->
          true;
      default -> WITHIN.indexOf(c) >= 0;
    };
  }
}
