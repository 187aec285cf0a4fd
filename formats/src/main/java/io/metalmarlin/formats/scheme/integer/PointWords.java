package io.metalmarlin.formats.scheme.integer;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;
import java.util.stream.IntStream;

/// Zero points, one byte for each row and group in the layout-free form, in 32-bit words that hold
/// those of several rows of one group. For widths that fill a word; a whole word at a time.
///
/// @param bits of a zero point: 1, 2, 4 or 8
/// @param places the place of each of a word's rows in it, from its lowest bits on
/// @param wordStep bytes from the word of some rows to that of the next
/// @param groupStep bytes from the word of a group to that of the next
public record PointWords(int bits, int[] places, long wordStep, long groupStep) {
  /// Rows in the order of the bits.
  public static PointWords natural(int bits, long wordStep, long groupStep) {
    return new PointWords(bits, IntStream.range(0, 32 / bits).toArray(), wordStep, groupStep);
  }

  /// Whether words of that width hold whole zero points only.
  public static boolean fills(int bits) {
    return 32 % bits == 0;
  }

  int mask() {
    return (1 << bits) - 1;
  }

  int[] shifts() {
    return IntStream.of(places).map(p -> p * bits).toArray();
  }

  /// Reads zero points.
  ///
  /// @param less what was added to each when it was stored
  /// @param out `[rows][groups]`
  /// @return whether each fits a byte
  public boolean read(MemorySegment words, int less, int rows, int groups, byte[] out) {
    if (groups >= PointBlocks.GROUPS && less <= 0 && mask() - less <= 0xff) {
      new PointBlocks(this, groups).read(words, -less, rows, out);
      return true;
    }
    return readEach(words, less, rows, groups, out);
  }

  /// As [#read], one by one.
  boolean readEach(MemorySegment words, int less, int rows, int groups, byte[] out) {
    int[] shift = shifts();
    int mask = mask();
    int seen = 0;
    for (int row = 0; row < rows; row += shift.length) {
      int height = Math.min(shift.length, rows - row);
      long at = row / shift.length * wordStep;
      for (int group = 0; group < groups; group++) {
        int word = words.get(Words.INT, at + group * groupStep);
        for (int k = 0; k < height; k++) {
          int point = (word >>> shift[k] & mask) - less;
          seen |= point;
          out[(row + k) * groups + group] = (byte) point;
        }
      }
    }
    return (seen & ~0xff) == 0;
  }

  /// Writes zero points.
  ///
  /// @param points `[rows][groups]`, a byte each
  /// @param more what is added to each
  /// @return whether each fits its bits; if not, the words are worth nothing
  public boolean write(MemorySegment points, int more, int rows, int groups, MemorySegment words) {
    if (groups >= PointBlocks.GROUPS && more <= 0 && (more == 0 || bits < 8)) {
      return new PointBlocks(this, groups).write(points, -more, rows, words);
    }
    return writeEach(points, more, rows, groups, words);
  }

  /// As [#write], one by one.
  boolean writeEach(MemorySegment points, int more, int rows, int groups, MemorySegment words) {
    int[] shift = shifts();
    int seen = 0;
    for (int row = 0; row < rows; row += shift.length) {
      int height = Math.min(shift.length, rows - row);
      long at = row / shift.length * wordStep;
      for (int group = 0; group < groups; group++) {
        int word = 0;
        for (int k = 0; k < height; k++) {
          int stored = (points.get(JAVA_BYTE, (long) (row + k) * groups + group) & 0xff) + more;
          seen |= stored;
          word |= stored << shift[k];
        }
        words.set(Words.INT, at + group * groupStep, word);
      }
    }
    return (seen & ~mask()) == 0;
  }
}
