package io.metalmarlin.runtime.text.sentencepiece;

/// Bytes as UTF-8, with one U+FFFD for each byte that begins no character.
final class Utf8Bytes {
  private Utf8Bytes() {}

  static String text(byte[] bytes) {
    StringBuilder out = new StringBuilder(bytes.length);
    int at = 0;
    while (at < bytes.length) {
      int length = length(bytes, at);
      int c = length == 0 ? -1 : codePoint(bytes, at, length);
      if (c < 0) {
        out.append('\uFFFD');
        at++;
      } else {
        out.appendCodePoint(c);
        at += length;
      }
    }
    return out.toString();
  }

  /// How many bytes a character that begins here has, 0 if none does.
  private static int length(byte[] bytes, int at) {
    int b = bytes[at] & 0xff;
    int length = b < 0x80 ? 1 : b < 0xC2 ? 0 : b < 0xE0 ? 2 : b < 0xF0 ? 3 : b < 0xF5 ? 4 : 0;
    return at + length <= bytes.length ? length : 0;
  }

  private static int codePoint(byte[] bytes, int at, int length) {
    if (length == 1) {
      return bytes[at];
    }
    int c = bytes[at] & 0xff >>> length + 1;
    for (int i = 1; i < length; i++) {
      int b = bytes[at + i] & 0xff;
      if (b >>> 6 != 2) {
        return -1;
      }
      c = c << 6 | b & 0x3f;
    }
    int least = length == 2 ? 0x80 : length == 3 ? 0x800 : 0x10000;
    boolean surrogate = c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE;
    return c < least || c > Character.MAX_CODE_POINT || surrogate ? -1 : c;
  }
}
