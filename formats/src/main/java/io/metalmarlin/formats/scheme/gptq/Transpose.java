package io.metalmarlin.formats.scheme.gptq;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Transposes matrices of little-endian words and halfwords, tile by tile, so that both sides are
/// touched in whole cache lines.
final class Transpose {
  // Native order: bytes are moved, not read, so the byte order does not matter.
  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;
  private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED;

  /// 64 words a line of a tile are four cache lines; a tile of both sides fits the first cache.
  static final int TILE = 64;

  /// The vector module is there only if the virtual machine was started with it.
  static final boolean VECTORS =
      ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent() && LaneTiles.wide();

  private Transpose() {}

  /// `to[c][r] = from[r][c]` for 32-bit elements, `from` being `rows x cols`.
  static void words(MemorySegment from, MemorySegment to, int rows, int cols) {
    int[] in = new int[TILE * TILE];
    int[] out = new int[TILE * TILE];
    for (int top = 0; top < rows; top += TILE) {
      int height = Math.min(TILE, rows - top);
      for (int left = 0; left < cols; left += TILE) {
        int width = Math.min(TILE, cols - left);
        for (int r = 0; r < height; r++) {
          MemorySegment.copy(from, INT, 4 * ((long) (top + r) * cols + left), in, r * TILE, width);
        }
        tile(in, out, height, width, VECTORS);
        for (int c = 0; c < width; c++) {
          MemorySegment.copy(out, c * TILE, to, INT, 4 * ((long) (left + c) * rows + top), height);
        }
      }
    }
  }

  /// One tile.
  ///
  /// @param vectors whether to use them where the sizes allow it
  static void tile(int[] in, int[] out, int height, int width, boolean vectors) {
    if (vectors && height % 8 == 0 && width % 8 == 0) {
      for (int r = 0; r < height; r += 8) {
        for (int c = 0; c < width; c += 8) {
          LaneTiles.words(in, r * TILE + c, TILE, out, c * TILE + r, TILE);
        }
      }
      return;
    }
    for (int c = 0; c < width; c++) {
      for (int r = 0; r < height; r++) {
        out[c * TILE + r] = in[r * TILE + c];
      }
    }
  }

  /// The same for elements of 2 or 4 bytes.
  static void elements(MemorySegment from, MemorySegment to, int rows, int cols, int bytes) {
    if (bytes == 4) {
      words(from, to, rows, cols);
      return;
    }
    short[] in = new short[TILE * TILE];
    short[] out = new short[TILE * TILE];
    for (int top = 0; top < rows; top += TILE) {
      int height = Math.min(TILE, rows - top);
      for (int left = 0; left < cols; left += TILE) {
        int width = Math.min(TILE, cols - left);
        for (int r = 0; r < height; r++) {
          long at = 2 * ((long) (top + r) * cols + left);
          MemorySegment.copy(from, SHORT, at, in, r * TILE, width);
        }
        for (int c = 0; c < width; c++) {
          for (int r = 0; r < height; r++) {
            out[c * TILE + r] = in[r * TILE + c];
          }
        }
        for (int c = 0; c < width; c++) {
          long at = 2 * ((long) (left + c) * rows + top);
          MemorySegment.copy(out, c * TILE, to, SHORT, at, height);
        }
      }
    }
  }
}
