package io.metalmarlin.formats.scheme.gptq;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/// Turns the nibbles of AWQ's words (eight outputs of one input) into ours (eight inputs of one
/// output) and back: 8 x 8 blocks are transposed in registers, 128 x 128 tiles in the first cache.
final class NibbleTranspose {
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /// Words of eight nibbles in a line of a tile.
  static final int WORDS = 16;

  static final int LINES = 8 * WORDS;

  private static final int[] NATURAL = {0, 1, 2, 3, 4, 5, 6, 7};

  private NibbleTranspose() {}

  /// `qweight` `[cols, rows/8]` to codes `[rows, cols/8]`.
  static void fromAwq(MemorySegment qweight, MemorySegment codes, int rows, int cols) {
    tiles(qweight, codes, cols, rows, true);
  }

  /// Codes `[rows, cols/8]` to `qweight` `[cols, rows/8]`.
  static void toAwq(MemorySegment codes, MemorySegment qweight, int rows, int cols) {
    tiles(codes, qweight, rows, cols, false);
  }

  /// From `lines x nibbles` to `nibbles x lines`.
  private static void tiles(
      MemorySegment from, MemorySegment to, int lines, int nibbles, boolean fromAwq) {
    int[] in = new int[LINES * WORDS];
    int[] out = new int[LINES * WORDS];
    int[] work = new int[LINES * WORDS];
    for (int top = 0; top < lines; top += LINES) {
      int height = Math.min(LINES, lines - top);
      for (int left = 0; left < nibbles / 8; left += WORDS) {
        int width = Math.min(WORDS, nibbles / 8 - left);
        for (int r = 0; r < height; r++) {
          long at = 4 * ((long) (top + r) * (nibbles / 8) + left);
          MemorySegment.copy(from, INT, at, in, r * WORDS, width);
        }
        tile(in, out, height, width, fromAwq, Transpose.VECTORS ? work : null);
        for (int r = 0; r < 8 * width; r++) {
          long at = 4 * ((long) (8 * left + r) * (lines / 8) + top / 8);
          MemorySegment.copy(out, r * WORDS, to, INT, at, height / 8);
        }
      }
    }
  }

  /// One tile.
  ///
  /// @param work room for the vectors' halfway house; null to do without them
  static void tile(
      int[] in, int[] out, int height, int width, boolean fromAwq, int @Nullable [] work) {
    if (work != null && height % 64 == 0 && width % 8 == 0) {
      int[] order = fromAwq ? NATURAL : AwqPacking.ORDER;
      int[] places = fromAwq ? AwqPacking.ORDER : NATURAL;
      for (int top = 0; top < height; top += 64) {
        for (int word = 0; word < width; word += 8) {
          int from = top * WORDS + word;
          int to = 8 * word * WORDS + top / 8;
          LaneTiles.nibbles(in, from, out, to, WORDS, order, places, work);
        }
      }
      return;
    }
    for (int block = 0; block < height / 8; block++) {
      for (int word = 0; word < width; word++) {
        block(in, 8 * block * WORDS + word, out, 8 * word * WORDS + block, fromAwq);
      }
    }
  }

  /// Eight words down a tile, 8 x 8 nibbles, transposed: nibble i of word k becomes nibble k of
  /// word i. On AWQ's side the outputs stand in its order.
  private static void block(int[] in, int from, int[] out, int to, boolean fromAwq) {
    int a = in[from];
    int b = in[from + WORDS];
    int c = in[from + 2 * WORDS];
    int d = in[from + 3 * WORDS];
    int e = in[from + 4 * WORDS];
    int f = in[from + 5 * WORDS];
    int g = in[from + 6 * WORDS];
    int h = in[from + 7 * WORDS];
    if (!fromAwq) {
      // Outputs come as words: put them in the order in which their nibbles shall lie.
      int one = b;
      int two = c;
      int three = d;
      int five = f;
      b = two;
      c = e;
      d = g;
      e = one;
      f = three;
      g = five;
    }
    // Halves of four words, then of two, then neighbours.
    int t = (a >>> 16 ^ e) & 0xffff;
    e ^= t;
    a ^= t << 16;
    t = (b >>> 16 ^ f) & 0xffff;
    f ^= t;
    b ^= t << 16;
    t = (c >>> 16 ^ g) & 0xffff;
    g ^= t;
    c ^= t << 16;
    t = (d >>> 16 ^ h) & 0xffff;
    h ^= t;
    d ^= t << 16;
    t = (a >>> 8 ^ c) & 0x00ff00ff;
    c ^= t;
    a ^= t << 8;
    t = (b >>> 8 ^ d) & 0x00ff00ff;
    d ^= t;
    b ^= t << 8;
    t = (e >>> 8 ^ g) & 0x00ff00ff;
    g ^= t;
    e ^= t << 8;
    t = (f >>> 8 ^ h) & 0x00ff00ff;
    h ^= t;
    f ^= t << 8;
    t = (a >>> 4 ^ b) & 0x0f0f0f0f;
    b ^= t;
    a ^= t << 4;
    t = (c >>> 4 ^ d) & 0x0f0f0f0f;
    d ^= t;
    c ^= t << 4;
    t = (e >>> 4 ^ f) & 0x0f0f0f0f;
    f ^= t;
    e ^= t << 4;
    t = (g >>> 4 ^ h) & 0x0f0f0f0f;
    h ^= t;
    g ^= t << 4;
    if (fromAwq) {
      // Word i now belongs to output ORDER[i].
      out[to] = a;
      out[to + 2 * WORDS] = b;
      out[to + 4 * WORDS] = c;
      out[to + 6 * WORDS] = d;
      out[to + WORDS] = e;
      out[to + 3 * WORDS] = f;
      out[to + 5 * WORDS] = g;
    } else {
      out[to] = a;
      out[to + WORDS] = b;
      out[to + 2 * WORDS] = c;
      out[to + 3 * WORDS] = d;
      out[to + 4 * WORDS] = e;
      out[to + 5 * WORDS] = f;
      out[to + 6 * WORDS] = g;
    }
    out[to + 7 * WORDS] = h;
  }
}
