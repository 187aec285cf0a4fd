package io.metalmarlin.runtime.template.library;

import io.metalmarlin.runtime.template.value.Chars;
import org.jspecify.annotations.Nullable;

/// `strip` and its two halves: of white space, or of any of the given characters.
final class Strip {
  private Strip() {}

  static String both(String s, @Nullable String chars) {
    return left(right(s, chars), chars);
  }

  static String left(String s, @Nullable String chars) {
    int i = 0;
    while (i < s.length() && strips(s.codePointAt(i), chars)) {
      i += Character.charCount(s.codePointAt(i));
    }
    return s.substring(i);
  }

  static String right(String s, @Nullable String chars) {
    int i = s.length();
    while (i > 0 && strips(s.codePointBefore(i), chars)) {
      i -= Character.charCount(s.codePointBefore(i));
    }
    return s.substring(0, i);
  }

  private static boolean strips(int c, @Nullable String chars) {
    return chars == null ? Chars.space(c) : chars.indexOf(c) >= 0;
  }
}
