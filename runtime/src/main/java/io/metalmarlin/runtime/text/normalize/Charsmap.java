package io.metalmarlin.runtime.text.normalize;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// SentencePiece's `precompiled_charsmap`: a double-array trie (Darts-clone) over UTF-8 whose
/// values are offsets of null-terminated replacements.
///
/// Layout: bytes of the trie as a little-endian u32, the trie's u32 units, the replacements. A walk
/// that a damaged file leads out of the trie ends without a match.
public final class Charsmap {
  private final int[] units;
  private final byte[] replacements;

  private Charsmap(int[] units, byte[] replacements) {
    this.units = units;
    this.replacements = replacements;
  }

  /// @throws IllegalArgumentException saying what is wrong with the bytes
  public static Charsmap of(byte[] bytes) {
    ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    if (in.remaining() < 4) {
      throw new IllegalArgumentException("a charsmap of " + bytes.length + " bytes");
    }
    int size = in.getInt();
    if (size < 4 || size % 4 != 0 || size > in.remaining()) {
      throw new IllegalArgumentException(
          "a charsmap of %d bytes whose trie has %d".formatted(bytes.length, size));
    }
    int[] units = new int[size / 4];
    in.asIntBuffer().get(units);
    in.position(4 + size);
    byte[] replacements = new byte[in.remaining()];
    in.get(replacements);
    return new Charsmap(units, replacements);
  }

  /// Bytes of a match and what stands for them.
  ///
  /// @param length of the match in bytes
  public record Match(int length, String replacement) {}

  /// The longest match at the beginning of `key[from, to)`, or null.
  public @Nullable Match longest(byte[] key, int from, int to) {
    return match(key, from, to, true);
  }

  /// The shortest match at the beginning, or null.
  public @Nullable Match shortest(byte[] key, int from, int to) {
    return match(key, from, to, false);
  }

  private @Nullable Match match(byte[] key, int from, int to, boolean longest) {
    int length = 0;
    int value = -1;
    int node = offset(units[0]);
    for (int i = from; i < to && key[i] != 0 && (longest || value < 0); i++) {
      node ^= key[i] & 0xff;
      if (node < 0 || node >= units.length || (units[node] & 0x800000FF) != (key[i] & 0xff)) {
        break;
      }
      int unit = units[node];
      node ^= offset(unit);
      if ((unit >>> 8 & 1) == 1 && node >= 0 && node < units.length) {
        value = units[node] & 0x7FFFFFFF;
        length = i + 1 - from;
      }
    }
    return value < 0 ? null : new Match(length, replacement(value));
  }

  private static int offset(int unit) {
    return unit >>> 10 << ((unit & 1 << 9) >>> 6);
  }

  private String replacement(int at) {
    int end = at;
    while (end < replacements.length && replacements[end] != 0) {
      end++;
    }
    return at >= replacements.length
        ? ""
        : new String(replacements, at, end - at, StandardCharsets.UTF_8);
  }
}
