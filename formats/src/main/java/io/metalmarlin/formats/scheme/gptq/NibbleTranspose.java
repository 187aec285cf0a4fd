package io.metalmarlin.formats.scheme.gptq;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.stream.IntStream;

/// Turns the nibbles of AWQ's words (eight outputs of one input) into ours (eight inputs of one
/// output) and back: 8 x 8 nibbles are transposed within words, then the words among each other.
final class NibbleTranspose {
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /// Blocks of eight lines of a tile: a cache line of the other side.
  private static final int BLOCKS = 64;

  /// Words of a line of a tile: runs long enough to be fetched ahead, of few lines at a time.
  private static final int WORDS = 128;

  /// Words of one nibble in a tile, which as a whole fits the second cache.
  private static final int STEP = WORDS + 16;

  private static final int LINE = BLOCKS * STEP + 16;

  private static final int[] NATURAL = {0, 1, 2, 3, 4, 5, 6, 7};

  private NibbleTranspose() {}

  /// `qweight` `[cols, rows/8]` to codes `[rows, cols/8]`.
  static void fromAwq(MemorySegment qweight, MemorySegment codes, int rows, int cols) {
    tiles(qweight, codes, cols, rows, true, Transpose.VECTORS);
  }

  /// Codes `[rows, cols/8]` to `qweight` `[cols, rows/8]`.
  static void toAwq(MemorySegment codes, MemorySegment qweight, int rows, int cols) {
    tiles(codes, qweight, rows, cols, false, Transpose.VECTORS);
  }

  /// From `lines x nibbles` to `nibbles x lines`.
  ///
  /// @param vectors whether to use them for what is whole tiles of 64 lines and 64 nibbles
  static void tiles(
      MemorySegment from,
      MemorySegment to,
      int lines,
      int nibbles,
      boolean fromAwq,
      boolean vectors) {
    int[] order = fromAwq ? NATURAL : AwqPacking.ORDER;
    int[] places = fromAwq ? AwqPacking.ORDER : NATURAL;
    int blocks = lines / 8;
    int words = nibbles / 8;
    long[] begins = IntStream.of(order).mapToLong(line -> 4L * words * line).toArray();
    int down = vectors ? blocks / 8 * 8 : 0;
    int across = vectors ? words / LaneTiles.WIDTH * LaneTiles.WIDTH : 0;
    int[] work = new int[down > 0 && across > 0 ? 8 * LINE : 0];
    for (int top = 0; top < down; top += BLOCKS) {
      int height = Math.min(BLOCKS, down - top);
      for (int left = 0; left < across; left += WORDS) {
        int width = Math.min(WORDS, across - left);
        exchange(from, 4L * words, begins, top, height, left, width, work);
        spread(work, to, 4L * blocks, places, fromAwq, top, height, left, width);
      }
    }
    for (int block = 0; block < blocks; block++) {
      for (int word = block < down ? across : 0; word < words; word++) {
        block(from, to, blocks, words, block, word, order, places);
      }
    }
  }

  /// Transposes the nibbles of a tile: `work[i][block][word]` is nibble `i` of eight lines.
  private static void exchange(
      MemorySegment from,
      long step,
      long[] begins,
      int top,
      int height,
      int left,
      int width,
      int[] work) {
    for (int block = 0; block < height; block++) {
      long at = 8 * (top + block) * step + 4L * left;
      int to = block * STEP;
      for (int odd = 0; odd < 2; odd++) {
        LaneTiles.bytes(
            from,
            at + begins[odd],
            at + begins[odd + 2],
            at + begins[odd + 4],
            at + begins[odd + 6],
            work,
            to + odd * LINE,
            2 * LINE,
            width);
      }
      for (int i = 0; i < 8; i += 2) {
        LaneTiles.nibbles(work, to + i * LINE, to + (i + 1) * LINE, width);
      }
    }
  }

  /// Transposes the words of a tile: `work[i][block][word]` goes to line `8 word + places[i]`.
  private static void spread(
      int[] work,
      MemorySegment to,
      long step,
      int[] places,
      boolean fromAwq,
      int top,
      int height,
      int left,
      int width) {
    int across = width / 8;
    for (int n = 0; n < 8 * across; n++) {
      // To AWQ neighbouring lines, two of which often share a page; from it few distant ones.
      int i = fromAwq ? n / across : n % 8;
      int word = fromAwq ? n % across * 8 : n / 8 * 8;
      for (int block = 0; block < height; block += 8) {
        int at = i * LINE + block * STEP + word;
        long line = 8L * (left + word) + places[i];
        LaneTiles.words(work, at, STEP, to, line * step + 4L * (top + block), 8 * step);
      }
    }
  }

  /// Eight words down, 8 x 8 nibbles: nibble `i` of line `order[k]` becomes nibble `k` of line
  /// `places[i]`.
  private static void block(
      MemorySegment from,
      MemorySegment to,
      int blocks,
      int words,
      int block,
      int word,
      int[] order,
      int[] places) {
    for (int i = 0; i < 8; i++) {
      int out = 0;
      for (int k = 0; k < 8; k++) {
        long line = 8L * block + order[k];
        out |= (from.get(INT, 4 * (line * words + word)) >>> 4 * i & 0xf) << 4 * k;
      }
      to.set(INT, 4 * ((8L * word + places[i]) * blocks + block), out);
    }
  }
}
