package io.metalmarlin.runtime.text.unicode;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.Predicate;

/// The 256 characters that byte-level BPE writes bytes with (GPT-2's `bytes_to_unicode`): a
/// printable Latin-1 byte is its own character, the others are U+0100, U+0101, ... in byte order.
/// So a space is `Ġ` and a line feed `Ċ` in `tokenizer.json`.
public final class ByteAlphabet {
  private static final char[] CHARACTER = new char[256];
  private static final short[] BYTE = new short[256 + 68];

  static {
    Arrays.fill(BYTE, (short) -1);
    char next = 256;
    for (int b = 0; b < 256; b++) {
      boolean printable = b >= '!' && b <= '~' || b >= 0xA1 && b <= 0xAC || b >= 0xAE;
      CHARACTER[b] = printable ? (char) b : next++;
      BYTE[CHARACTER[b]] = (short) b;
    }
  }

  private ByteAlphabet() {}

  /// The character of a byte, 0 <= b < 256.
  public static char character(int b) {
    return CHARACTER[b];
  }

  /// The first byte of UTF-8 texts that a vocabulary has no token for, -1 when it has all.
  ///
  /// @param known whether there is a token
  public static int missing(Predicate<String> known) {
    for (int b = 0; b < 256; b++) {
      boolean inUtf8 = b < 0xC0 || b > 0xC1 && b < 0xF5;
      if (inUtf8 && !known.test(String.valueOf(CHARACTER[b]))) {
        return b;
      }
    }
    return -1;
  }

  /// The bytes a token's string stands for. A string with a character outside the alphabet (an
  /// added token such as `<｜begin｜>`) stands for its own UTF-8, as in the reference decoder.
  public static byte[] bytes(String token) {
    byte[] bytes = new byte[token.length()];
    for (int i = 0; i < bytes.length; i++) {
      char c = token.charAt(i);
      if (c >= BYTE.length || BYTE[c] < 0) {
        return token.getBytes(StandardCharsets.UTF_8);
      }
      bytes[i] = (byte) BYTE[c];
    }
    return bytes;
  }

  /// The text's UTF-8 bytes as characters of the alphabet.
  public static String spelled(String text) {
    return spelled(text.getBytes(StandardCharsets.UTF_8));
  }

  /// The bytes as characters of the alphabet.
  public static String spelled(byte[] bytes) {
    char[] spelled = new char[bytes.length];
    for (int i = 0; i < bytes.length; i++) {
      spelled[i] = CHARACTER[bytes[i] & 0xff];
    }
    return new String(spelled);
  }
}
