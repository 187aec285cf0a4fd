package io.metalmarlin.runtime.text.unicode;

/// Half surrogate pairs: a Java string can hold them, UTF-8 cannot.
public final class Surrogates {
  private Surrogates() {}

  /// The text with each lone surrogate replaced by U+FFFD; the same string if it has none.
  public static String replaceLone(String text) {
    int at = firstLone(text, 0);
    if (at < 0) {
      return text;
    }
    char[] chars = text.toCharArray();
    for (; at >= 0; at = firstLone(text, at + 1)) {
      chars[at] = '\uFFFD';
    }
    return new String(chars);
  }

  private static int firstLone(String text, int from) {
    for (int i = from; i < text.length(); i++) {
      char c = text.charAt(i);
      if (!Character.isSurrogate(c)) {
        continue;
      }
      boolean pair =
          Character.isHighSurrogate(c)
              && i + 1 < text.length()
              && Character.isLowSurrogate(text.charAt(i + 1));
      if (!pair) {
        return i;
      }
      i++;
    }
    return -1;
  }
}
