package io.metalmarlin.formats.scheme.integer;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/// The zero points of [PointWords] in blocks of the rows of a word and eight groups, whose bytes
/// are exchanged in 64-bit words. Its words one by one are the reference.
///
/// The last block overlaps the one before where groups are no multiple of eight.
final class PointBlocks {
  /// Groups of a block.
  static final int GROUPS = 8;

  /// Words of a group that are worked on in turn: a cache line of them where they lie together.
  private static final int RUN = 16;

  private static final long BYTES = 0x0101_0101_0101_0101L;
  private static final long PAIRS = 0x00ff_00ff_00ff_00ffL;
  private static final long QUADS = 0x0000_ffff_0000_ffffL;
  private static final long LOWER = 0xffff_ffffL;

  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final PointWords layout;
  private final int groups;

  /// For each row of a word the byte of the word that it is in, and where in the byte.
  private final int[] bytes;

  private final int[] shifts;

  /// Byte `i` of eight words side by side.
  private final long[] turned = new long[4];

  /// @param groups at least [#GROUPS]
  PointBlocks(PointWords layout, int groups) {
    this.layout = layout;
    this.groups = groups;
    this.shifts = layout.shifts();
    this.bytes = new int[shifts.length];
    for (int k = 0; k < shifts.length; k++) {
      bytes[k] = shifts[k] / 8;
      shifts[k] %= 8;
    }
  }

  /// Reads zero points that fit a byte whatever is stored.
  ///
  /// @param more what is added to each, not below 0
  void read(MemorySegment words, int more, int rows, byte[] out) {
    MemorySegment points = MemorySegment.ofArray(out);
    int height = shifts.length;
    for (int top = 0; top < rows; top += RUN * height) {
      int end = Math.min(rows, top + RUN * height);
      for (int next = 0; next < groups; next += GROUPS) {
        int group = Math.min(next, groups - GROUPS);
        for (int row = top; row < end; row += height) {
          load(words, row / height * layout.wordStep() + group * layout.groupStep());
          apart(points, row, Math.min(height, rows - row), group, more * BYTES);
        }
      }
    }
  }

  private void apart(MemorySegment points, int row, int height, int group, long more) {
    long mask = layout.mask() * BYTES;
    for (int k = 0; k < height; k++) {
      long eight = (turned[bytes[k]] >>> shifts[k] & mask) + more;
      points.set(LONG, (long) (row + k) * groups + group, eight);
    }
  }

  /// Writes zero points.
  ///
  /// @param less what is taken from each, not below 0, and 0 for zero points of 8 bits
  /// @return whether each fits its bits
  boolean write(MemorySegment points, int less, int rows, MemorySegment words) {
    int height = shifts.length;
    long seen = 0;
    for (int top = 0; top < rows; top += RUN * height) {
      int end = Math.min(rows, top + RUN * height);
      for (int next = 0; next < groups; next += GROUPS) {
        int group = Math.min(next, groups - GROUPS);
        for (int row = top; row < end; row += height) {
          seen |= together(points, row, Math.min(height, rows - row), group, less * BYTES);
          store(words, row / height * layout.wordStep() + group * layout.groupStep());
        }
      }
    }
    return (seen & ~(layout.mask() * BYTES)) == 0;
  }

  /// @return all that is stored, in one; a zero point below `less` has bits beyond any mask
  private long together(MemorySegment points, int row, int height, int group, long less) {
    turned[0] = 0;
    turned[1] = 0;
    turned[2] = 0;
    turned[3] = 0;
    long seen = 0;
    for (int k = 0; k < height; k++) {
      long eight = points.get(LONG, (long) (row + k) * groups + group) - less;
      seen |= eight;
      turned[bytes[k]] |= eight << shifts[k];
    }
    return seen;
  }

  private void load(MemorySegment words, long at) {
    long step = layout.groupStep();
    long a = word(words, at) | word(words, at + 4 * step) << 32;
    long b = word(words, at + step) | word(words, at + 5 * step) << 32;
    long c = word(words, at + 2 * step) | word(words, at + 6 * step) << 32;
    long d = word(words, at + 3 * step) | word(words, at + 7 * step) << 32;
    long p = a & QUADS | (c & QUADS) << 16;
    long r = a >>> 16 & QUADS | c & ~QUADS;
    long q = b & QUADS | (d & QUADS) << 16;
    long s = b >>> 16 & QUADS | d & ~QUADS;
    turned[0] = p & PAIRS | (q & PAIRS) << 8;
    turned[1] = p >>> 8 & PAIRS | q & ~PAIRS;
    turned[2] = r & PAIRS | (s & PAIRS) << 8;
    turned[3] = r >>> 8 & PAIRS | s & ~PAIRS;
  }

  private void store(MemorySegment words, long at) {
    long step = layout.groupStep();
    long p = turned[0] & PAIRS | (turned[1] & PAIRS) << 8;
    long q = turned[0] >>> 8 & PAIRS | turned[1] & ~PAIRS;
    long r = turned[2] & PAIRS | (turned[3] & PAIRS) << 8;
    long s = turned[2] >>> 8 & PAIRS | turned[3] & ~PAIRS;
    put(words, at, step, p & QUADS | (r & QUADS) << 16);
    put(words, at + step, step, q & QUADS | (s & QUADS) << 16);
    put(words, at + 2 * step, step, p >>> 16 & QUADS | r & ~QUADS);
    put(words, at + 3 * step, step, q >>> 16 & QUADS | s & ~QUADS);
  }

  private static long word(MemorySegment words, long at) {
    return words.get(Words.INT, at) & LOWER;
  }

  private static void put(MemorySegment words, long at, long step, long both) {
    words.set(Words.INT, at, (int) both);
    words.set(Words.INT, at + 4 * step, (int) (both >>> 32));
  }
}
