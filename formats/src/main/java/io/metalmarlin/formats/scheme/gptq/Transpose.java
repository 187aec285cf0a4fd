package io.metalmarlin.formats.scheme.gptq;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Transposes matrices of little-endian words and halfwords, tile by tile, so that both sides are
/// touched in whole cache lines.
final class Transpose {
  // Native order: bytes are moved, not read, so the byte order does not matter.
  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;
  private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED;

  /// 64 halfwords a line of a tile are two cache lines; a tile of both sides fits the first cache.
  private static final int TILE = 64;

  /// Words of a cache line.
  private static final int LINE = 16;

  /// Words of a run along the side whose lines lie a high power of two apart, so that few of those
  /// lines, which share a place in the caches, are live at a time.
  private static final int RUN = 256;

  /// Halfwords of either side of a block: two vectors of words.
  private static final int BLOCK = 16;

  /// Blocks of a tile, whose copy lies in the first cache.
  private static final int DOWN = 4;

  private static final int ACROSS = 8;

  /// The vector module is there only if the virtual machine was started with it.
  static final boolean VECTORS =
      ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent() && LaneTiles.wide();

  private Transpose() {}

  /// `to[c][r] = from[r][c]` for 32-bit elements, `from` being `rows x cols`.
  static void words(MemorySegment from, MemorySegment to, int rows, int cols) {
    words(from, to, rows, cols, VECTORS);
  }

  /// @param vectors whether to use them for what is whole blocks of 8 x 8
  static void words(MemorySegment from, MemorySegment to, int rows, int cols, boolean vectors) {
    int down = vectors ? rows / 8 * 8 : 0;
    int across = vectors ? cols / 8 * 8 : 0;
    boolean along = Integer.numberOfTrailingZeros(cols) > Integer.numberOfTrailingZeros(rows);
    int height = along ? LINE : RUN;
    int width = along ? RUN : LINE;
    for (int top = 0; top < down; top += height) {
      int bottom = Math.min(down, top + height);
      for (int left = 0; left < across; left += width) {
        int right = Math.min(across, left + width);
        if (along) {
          alongRows(from, to, rows, cols, top, bottom, left, right);
        } else {
          alongColumns(from, to, rows, cols, top, bottom, left, right);
        }
      }
    }
    scalar(from, to, rows, cols, 0, down, across);
    scalar(from, to, rows, cols, down, rows, 0);
  }

  private static void alongRows(
      MemorySegment from,
      MemorySegment to,
      int rows,
      int cols,
      int top,
      int bottom,
      int left,
      int right) {
    for (int r = top; r < bottom; r += 8) {
      for (int c = left; c < right; c += 8) {
        block(from, to, rows, cols, r, c);
      }
    }
  }

  private static void alongColumns(
      MemorySegment from,
      MemorySegment to,
      int rows,
      int cols,
      int top,
      int bottom,
      int left,
      int right) {
    for (int c = left; c < right; c += 8) {
      for (int r = top; r < bottom; r += 8) {
        block(from, to, rows, cols, r, c);
      }
    }
  }

  private static void block(
      MemorySegment from, MemorySegment to, int rows, int cols, int r, int c) {
    long at = 4 * ((long) r * cols + c);
    long toAt = 4 * ((long) c * rows + r);
    LaneTiles.words(from, at, 4L * cols, to, toAt, 4L * rows);
  }

  /// Rows `[top, bottom)` from column `left` on.
  private static void scalar(
      MemorySegment from, MemorySegment to, int rows, int cols, int top, int bottom, int left) {
    for (int r = top; r < bottom; r++) {
      for (int c = left; c < cols; c++) {
        to.set(INT, 4 * ((long) c * rows + r), from.get(INT, 4 * ((long) r * cols + c)));
      }
    }
  }

  /// The same for elements of 2 or 4 bytes.
  static void elements(MemorySegment from, MemorySegment to, int rows, int cols, int bytes) {
    if (bytes == 4) {
      words(from, to, rows, cols);
      return;
    }
    halfwords(from, to, rows, cols, VECTORS);
  }

  /// @param vectors whether to use them where there are blocks of 16 x 16
  static void halfwords(MemorySegment from, MemorySegment to, int rows, int cols, boolean vectors) {
    if (vectors && rows >= BLOCK && cols >= BLOCK) {
      blocks(from, to, rows, cols);
      return;
    }
    short[] in = new short[TILE * TILE];
    short[] out = new short[TILE * TILE];
    for (int top = 0; top < rows; top += TILE) {
      int height = Math.min(TILE, rows - top);
      for (int left = 0; left < cols; left += TILE) {
        int width = Math.min(TILE, cols - left);
        load(from, 2 * ((long) top * cols + left), 2L * cols, in, height, width);
        turn(in, out, height, width);
        store(out, to, 2 * ((long) left * rows + top), 2L * rows, width, height);
      }
    }
  }

  /// By blocks, the last of which overlap those before where a side is no multiple of 16.
  private static void blocks(MemorySegment from, MemorySegment to, int rows, int cols) {
    int down = Math.ceilDiv(rows, BLOCK);
    int across = Math.ceilDiv(cols, BLOCK);
    int[] work = new int[DOWN * ACROSS * BLOCK * BLOCK / 2];
    for (int top = 0; top < down; top += DOWN) {
      int bottom = Math.min(down, top + DOWN);
      for (int left = 0; left < across; left += ACROSS) {
        int right = Math.min(across, left + ACROSS);
        pairs(from, rows, cols, top, bottom, left, right, work);
        spread(work, to, rows, cols, top, bottom, left, right);
      }
    }
  }

  private static void pairs(
      MemorySegment from,
      int rows,
      int cols,
      int top,
      int bottom,
      int left,
      int right,
      int[] work) {
    int to = 0;
    for (int i = top; i < bottom; i++) {
      long line = 2L * cols * Math.min(i * BLOCK, rows - BLOCK);
      for (int j = left; j < right; j++) {
        LaneTiles.pairs(from, line + 2L * Math.min(j * BLOCK, cols - BLOCK), 2L * cols, work, to);
        to += BLOCK * BLOCK / 2;
      }
    }
  }

  /// Block after block down, so that lines of the target are written in whole cache lines.
  private static void spread(
      int[] work, MemorySegment to, int rows, int cols, int top, int bottom, int left, int right) {
    for (int j = left; j < right; j++) {
      long line = 2L * rows * Math.min(j * BLOCK, cols - BLOCK);
      for (int i = top; i < bottom; i++) {
        int from = ((i - top) * (right - left) + j - left) * BLOCK * BLOCK / 2;
        long at = line + 2L * Math.min(i * BLOCK, rows - BLOCK);
        LaneTiles.words(work, from, 8, to, at, 4L * rows);
        LaneTiles.words(work, from + 64, 8, to, at + 2L * rows, 4L * rows);
      }
    }
  }

  // Methods of their own: one with all three loops in it took compilers longer than some matrices.

  private static void load(
      MemorySegment from, long at, long step, short[] tile, int lines, int width) {
    for (int i = 0; i < lines; i++) {
      MemorySegment.copy(from, SHORT, at + i * step, tile, i * TILE, width);
    }
  }

  private static void store(
      short[] tile, MemorySegment to, long at, long step, int lines, int width) {
    for (int i = 0; i < lines; i++) {
      MemorySegment.copy(tile, i * TILE, to, SHORT, at + i * step, width);
    }
  }

  private static void turn(short[] in, short[] out, int height, int width) {
    for (int c = 0; c < width; c++) {
      for (int r = 0; r < height; r++) {
        out[c * TILE + r] = in[r * TILE + c];
      }
    }
  }
}
