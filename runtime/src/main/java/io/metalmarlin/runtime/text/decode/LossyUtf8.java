package io.metalmarlin.runtime.text.decode;

import java.util.Arrays;

/// Bytes that come bit by bit as text. What is no UTF-8 becomes U+FFFD as Unicode recommends and
/// Rust does: one for the longest beginning of a character, one for each byte that begins none.
/// (Java's decoder takes the three bytes of a surrogate for one.)
final class LossyUtf8 {
  private byte[] held = new byte[0];

  /// The text of what is complete; the beginning of a character is held back.
  String accept(byte[] more) {
    byte[] all = new byte[held.length + more.length];
    System.arraycopy(held, 0, all, 0, held.length);
    System.arraycopy(more, 0, all, held.length, more.length);
    StringBuilder out = new StringBuilder(all.length);
    int at = 0;
    while (at < all.length) {
      int wanted = length(all[at]);
      int end = at + 1;
      while (end < all.length && end < at + wanted && continues(all, at, end)) {
        end++;
      }
      if (wanted > 0 && end == all.length && end < at + wanted) {
        break;
      }
      if (end == at + wanted) {
        out.appendCodePoint(codePoint(all, at, end));
      } else {
        out.append('\uFFFD');
      }
      at = end;
    }
    held = Arrays.copyOfRange(all, at, all.length);
    return out.toString();
  }

  /// The text of what was held back.
  String finish() {
    boolean some = held.length > 0;
    held = new byte[0];
    return some ? "\uFFFD" : "";
  }

  /// How many bytes a character that begins so has, 0 if none does.
  private static int length(byte first) {
    int b = first & 0xff;
    if (b < 0x80) {
      return 1;
    }
    return b < 0xC2 ? 0 : b < 0xE0 ? 2 : b < 0xF0 ? 3 : b < 0xF5 ? 4 : 0;
  }

  /// Whether the byte at `at` can follow in the character that begins at `start`: the second byte
  /// also tells longer spellings, surrogates and what is above U+10FFFF.
  private static boolean continues(byte[] bytes, int start, int at) {
    int b = bytes[at] & 0xff;
    if (b >>> 6 != 2) {
      return false;
    }
    if (at > start + 1) {
      return true;
    }
    return switch (bytes[start] & 0xff) {
      case 0xE0 -> b >= 0xA0;
      case 0xED -> b < 0xA0;
      case 0xF0 -> b >= 0x90;
      case 0xF4 -> b < 0x90;
      default -> true;
    };
  }

  private static int codePoint(byte[] bytes, int start, int end) {
    int length = end - start;
    int c = length == 1 ? bytes[start] : bytes[start] & 0xff >>> length + 1;
    for (int i = start + 1; i < end; i++) {
      c = c << 6 | bytes[i] & 0x3f;
    }
    return c;
  }
}
