package io.metalmarlin.runtime.text.unicode;

import java.lang.Character.UnicodeScript;
import java.text.Normalizer;

/// Classes of code points that tokenizers cut at.
public final class Characters {
  private Characters() {}

  /// The Unicode property White_Space; all of them are in the basic plane.
  public static boolean isSpace(int c) {
    return c >= '\t' && c <= '\r' || c == 0x85 || Character.isSpaceChar(c);
  }

  /// Categories Mn, Mc and Me.
  public static boolean isMark(int c) {
    int type = Character.getType(c);
    return type == Character.NON_SPACING_MARK
        || type == Character.ENCLOSING_MARK
        || type == Character.COMBINING_SPACING_MARK;
  }

  /// Marks as `StripAccents` knows them.
  public static boolean isStrippedMark(int c) {
    return isMark(c) != LaterUnicode.MARKS.get(c);
  }

  /// Category Mn as BERT's normalizer knows it.
  public static boolean isAccent(int c) {
    return Character.getType(c) == Character.NON_SPACING_MARK != LaterUnicode.NON_SPACING.get(c);
  }

  /// Categories Cc, Cf and Co as BERT's normalizer knows them.
  public static boolean isControl(int c) {
    return switch (Character.getType(c)) {
      case Character.CONTROL, Character.PRIVATE_USE -> true;
      case Character.FORMAT -> !LaterUnicode.FORMAT.get(c);
      default -> false;
    };
  }

  /// `\w` of Unicode (UTS #18).
  public static boolean isWord(int c) {
    int type = Character.getType(c);
    return Character.isAlphabetic(c)
        || type == Character.DECIMAL_DIGIT_NUMBER
        || type == Character.CONNECTOR_PUNCTUATION
        || isMark(c)
        || c == 0x200C
        || c == 0x200D;
  }

  /// Categories Nd, Nl and No.
  public static boolean isNumeric(int c) {
    int type = Character.getType(c);
    return type == Character.DECIMAL_DIGIT_NUMBER
        || type == Character.LETTER_NUMBER
        || type == Character.OTHER_NUMBER;
  }

  /// ASCII symbols and the categories P* as the `tokenizers` library knows them.
  public static boolean isPunctuation(int c) {
    if (c < 0x80) {
      return c > ' ' && c < 0x7F && !Character.isLetterOrDigit(c);
    }
    return switch (Character.getType(c)) {
      case Character.CONNECTOR_PUNCTUATION,
          Character.DASH_PUNCTUATION,
          Character.START_PUNCTUATION,
          Character.END_PUNCTUATION,
          Character.INITIAL_QUOTE_PUNCTUATION,
          Character.FINAL_QUOTE_PUNCTUATION,
          Character.OTHER_PUNCTUATION ->
          !LaterUnicode.PUNCTUATION.get(c);
      default -> LaterUnicode.PUNCTUATION.get(c);
    };
  }

  /// Whether the library's table of scripts has a code point.
  public static boolean hasScript(int c) {
    return !LaterUnicode.SCRIPTS.get(c) && UnicodeScript.of(c) != UnicodeScript.UNKNOWN;
  }

  /// Whether the library's normalization to a form leaves a code point as it is that Java takes
  /// apart.
  public static boolean staysWhole(int c, Normalizer.Form form) {
    return switch (form) {
      case NFC -> false;
      case NFD -> LaterUnicode.COMPOSED.get(c);
      case NFKC -> LaterUnicode.COMPATIBLE.get(c);
      case NFKD -> LaterUnicode.COMPOSED.get(c) || LaterUnicode.COMPATIBLE.get(c);
    };
  }

  /// Each code point in lower case by itself: what stands around it (a final sigma) does not count.
  public static String lower(String text) {
    StringBuilder out = new StringBuilder(text.length());
    text.codePoints()
        .forEach(c -> {
          if (c == 0x130) {
            out.append("i\u0307");
          } else {
            out.appendCodePoint(Character.toLowerCase(c));
          }
        });
    return out.toString();
  }
}
