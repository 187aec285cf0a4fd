package io.metalmarlin.runtime.template.library;

import io.metalmarlin.runtime.template.value.Chars;
import java.util.Locale;
import java.util.function.IntPredicate;

/// Upper and lower case, and what a string consists of.
final class Cases {
  private static final int DOTLESS_I = 0x131;

  /// Raised, lowered and circled digits.
  private static final String MORE_DIGITS = "²³¹⁰⁴⁵⁶⁷⁸⁹₀₁₂₃₄₅₆₇₈₉①②③④⑤⑥⑦⑧⑨⓪";

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
    return titled(first) + lower(s.substring(Character.charCount(first)));
  }

  /// One character at the beginning of a word; a ligature becomes several.
  private static String titled(int c) {
    String capitals = upper(Character.toString(c));
    int title = Character.toTitleCase(c);
    return title != c || capitals.length() == 1
        ? Character.toString(title)
        : capitals.substring(0, 1) + lower(capitals.substring(1));
  }

  /// What differs only by case becomes the same.
  static String fold(String s) {
    StringBuilder out = new StringBuilder(s.length());
    for (int c : s.codePoints().toArray()) {
      String one = Character.toString(c);
      out.append(c == DOTLESS_I ? one : lower(upper(lower(one))));
    }
    return out.toString();
  }

  /// Each run of letters with a capital at its beginning.
  static String title(String s) {
    StringBuilder out = new StringBuilder(s.length());
    boolean inside = false;
    for (int c : s.codePoints().toArray()) {
      out.append(inside ? lower(Character.toString(c)) : titled(c));
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

  static boolean decimals(String s) {
    return all(s, Character::isDigit);
  }

  static boolean digits(String s) {
    return all(s, Cases::digit);
  }

  static boolean numbers(String s) {
    return all(s, Cases::number);
  }

  private static boolean digit(int c) {
    return Character.isDigit(c) || MORE_DIGITS.indexOf(c) >= 0;
  }

  static boolean letterOrDigit(int c) {
    return Character.isLetter(c) || number(c);
  }

  private static boolean number(int c) {
    int type = Character.getType(c);
    return Character.isDigit(c)
        || type == Character.LETTER_NUMBER
        || type == Character.OTHER_NUMBER;
  }

  static boolean letters(String s) {
    return all(s, Character::isLetter);
  }

  static boolean lettersOrDigits(String s) {
    return all(s, Cases::letterOrDigit);
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
