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
    return Sigma.lower(s, 0);
  }

  static String capitalize(String s) {
    if (s.isEmpty()) {
      return s;
    }
    int first = s.codePointAt(0);
    return titled(first) + Sigma.lower(s, Character.charCount(first));
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
    for (int at = 0; at < s.length(); at += Character.charCount(s.codePointAt(at))) {
      int c = s.codePointAt(at);
      out.append(inside ? Sigma.lowerAt(s, at) : titled(c));
      inside = Sigma.cased(c);
    }
    return out.toString();
  }

  /// As the filter `title` does it: a capital at the beginning and behind white space, a hyphen or
  /// an opening bracket.
  static String titleWords(String s) {
    StringBuilder out = new StringBuilder(s.length());
    int word = 0;
    for (int at = 0; at <= s.length(); at++) {
      if (at == s.length() || Chars.space(s.charAt(at)) || "-({[<".indexOf(s.charAt(at)) >= 0) {
        if (word < at) {
          int rest = s.offsetByCodePoints(word, 1);
          out.append(upper(s.substring(word, rest))).append(lower(s.substring(rest, at)));
        }
        out.append(s, at, Math.min(at + 1, s.length()));
        word = at + 1;
      }
    }
    return out.toString();
  }

  static String swap(String s) {
    StringBuilder out = new StringBuilder(s.length());
    for (int at = 0; at < s.length(); at += Character.charCount(s.codePointAt(at))) {
      int c = s.codePointAt(at);
      boolean capital = Character.isUpperCase(c);
      out.append(capital ? Sigma.lowerAt(s, at) : upper(Character.toString(c)));
    }
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
