package io.metalmarlin.runtime.template.value;

/// Python's view of characters where it differs from Java's.
public final class Chars {
  /// White space in regular expressions.
  public static final String SPACE = "[\\s\\x1c-\\x1f\\x85\\p{Z}]";

  private Chars() {}

  public static boolean space(int c) {
    return Character.isWhitespace(c) || c == 0x85 || c == 0xa0 || c == 0x2007 || c == 0x202f;
  }

  /// Whether there is nothing but white space.
  public static boolean blank(String text) {
    return text.codePoints().allMatch(Chars::space);
  }

  public static String stripTrailing(String text) {
    int i = text.length();
    while (i > 0 && space(text.charAt(i - 1))) {
      i--;
    }
    return text.substring(0, i);
  }

  /// Whether `repr` shows the character as it is.
  public static boolean printable(int c) {
    return switch (Character.getType(c)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.PRIVATE_USE,
          Character.UNASSIGNED,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          false;
      case Character.SPACE_SEPARATOR -> c == ' ';
      default -> true;
    };
  }
}
