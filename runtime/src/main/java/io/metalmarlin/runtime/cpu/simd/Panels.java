package io.metalmarlin.runtime.cpu.simd;

import static io.metalmarlin.runtime.cpu.simd.Lanes.L;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// The 4-bit codes of a matrix once more, in panels of as many rows as a vector has fp32 lanes, so
/// that every lane belongs to one row and nothing is summed across lanes. Made panel by panel when
/// first read, in memory that lives as long as this.
///
/// A panel is a run of blocks of 32 columns: four words of 32 bits of each row, word by word, then
/// the scales of each row, group by group. As many bytes as the matrix itself.
final class Panels {
  private static final int COLUMNS = Int8Inputs.COLUMNS;
  private static final int WORDS = 4;

  /// Where one kind of parts lies.
  ///
  /// @param row bytes from one row to the next
  /// @param block bytes from one block of 32 columns to the next
  /// @param first where the first block's begins
  record Part(MemorySegment bytes, long row, long block, long first) {
    long at(int r, int b) {
      return r * row + b * block + first;
    }
  }

  /// A matrix with 16 bytes of codes in each block.
  ///
  /// @param groups groups of a block
  /// @param scaleBytes bytes of a scale; those of a block lie side by side
  record Source(int rows, int cols, Part codes, Part scales, int groups, int scaleBytes) {}

  private final Source source;
  private final int blockBytes;
  private final long panelBytes;
  private final MemorySegment memory;
  private final boolean[] made;

  Panels(Source source) {
    this.source = source;
    this.blockBytes = L * (4 * WORDS + source.groups() * source.scaleBytes());
    this.panelBytes = (long) source.cols() / COLUMNS * blockBytes;
    this.made = new boolean[Math.ceilDiv(source.rows(), L)];
    this.memory = Arena.ofAuto().allocate(made.length * panelBytes, 64);
  }

  /// Bytes of a block.
  int blockBytes() {
    return blockBytes;
  }

  /// Where the scales of a block begin.
  static int scales() {
    return L * 4 * WORDS;
  }

  /// Where a panel begins. One thread at a time may ask for the same panel.
  long address(int panel) {
    if (!made[panel]) {
      for (int r = panel * L; r < Math.min(source.rows(), (panel + 1) * L); r++) {
        row(r, panel * panelBytes, r - panel * L);
      }
      made[panel] = true;
    }
    return Lanes.address(memory) + panel * panelBytes;
  }

  private void row(int r, long panel, int lane) {
    MemorySegment codes = source.codes().bytes();
    MemorySegment scales = source.scales().bytes();
    int scaleBytes = source.scaleBytes();
    for (int b = 0; b < source.cols() / COLUMNS; b++) {
      long block = panel + (long) b * blockBytes;
      long from = source.codes().at(r, b);
      for (int v = 0; v < WORDS; v++) {
        int word = codes.get(JAVA_INT_UNALIGNED, from + 4L * v);
        memory.set(JAVA_INT_UNALIGNED, block + 4L * (L * v + lane), word);
      }
      long scale = source.scales().at(r, b);
      for (int g = 0; g < source.groups(); g++) {
        long to = block + scales() + (long) scaleBytes * (L * g + lane);
        for (int i = 0; i < scaleBytes; i++) {
          byte part = scales.get(JAVA_BYTE, scale + (long) scaleBytes * g + i);
          memory.set(JAVA_BYTE, to + i, part);
        }
      }
    }
  }
}
