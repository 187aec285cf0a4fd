package io.metalmarlin.runtime.template.library;

import io.metalmarlin.runtime.template.value.Chars;
import java.util.Locale;
import java.util.function.IntPredicate;

/// Upper and lower case, and what a string consists of.
final class Cases {
  private Cases() {}

  static String upper(String s) {
    return s.toUpperCase(Locale.ROOT);
  }

  static String lower(String s) {
    return s.toLowerCase(Locale.ROOT);
  }

  static String capitalize(String s) {
    if (s.isEmpty()) {
      return s;
    }
    int first = s.codePointAt(0);
    return Character.toString(Character.toTitleCase(first))
        + lower(s.substring(Character.charCount(first)));
  }

  /// Each run of letters with a capital at its beginning.
  static String title(String s) {
    StringBuilder out = new StringBuilder(s.length());
    boolean inside = false;
    for (int c : s.codePoints().toArray()) {
      out.appendCodePoint(inside ? Character.toLowerCase(c) : Character.toTitleCase(c));
      inside = Character.isUpperCase(c) || Character.isLowerCase(c) || Character.isTitleCase(c);
    }
    return out.toString();
  }

  /// As the filter `title` does it: a capital at the beginning and behind white space, a hyphen or
  /// an opening bracket.
  static String titleWords(String s) {
    StringBuilder out = new StringBuilder(s.length());
    boolean inside = false;
    for (int c : s.codePoints().toArray()) {
      String one = Character.toString(c);
      out.append(inside ? lower(one) : upper(one));
      inside = !(Chars.space(c) || "-({[<".indexOf(c) >= 0);
    }
    return out.toString();
  }

  static String swap(String s) {
    StringBuilder out = new StringBuilder(s.length());
    s.codePoints()
        .mapToObj(Character::toString)
        .forEach(c -> out.append(Character.isUpperCase(c.codePointAt(0)) ? lower(c) : upper(c)));
    return out.toString();
  }

  static boolean digits(String s) {
    return all(s, Character::isDigit);
  }

  static boolean letters(String s) {
    return all(s, Character::isLetter);
  }

  static boolean lettersOrDigits(String s) {
    return all(s, Character::isLetterOrDigit);
  }

  static boolean spaces(String s) {
    return all(s, Chars::space);
  }

  static boolean isUpper(String s) {
    return all(s, c -> !Character.isLowerCase(c) && !Character.isTitleCase(c))
        && s.codePoints().anyMatch(Character::isUpperCase);
  }

  static boolean isLower(String s) {
    return all(s, c -> !Character.isUpperCase(c) && !Character.isTitleCase(c))
        && s.codePoints().anyMatch(Character::isLowerCase);
  }

  private static boolean all(String s, IntPredicate p) {
    return s.codePoints().allMatch(p);
  }
}
