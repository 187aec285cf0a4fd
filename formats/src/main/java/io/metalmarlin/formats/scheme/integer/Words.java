package io.metalmarlin.formats.scheme.integer;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/// Codes of a few bits in little-endian 32-bit words, least significant bits first.
///
/// @param bits of one code, 1 to 8
/// @param whole whether a word holds only whole codes and leaves its last bits empty, as
///   compressed-tensors before 0.17 did; otherwise the codes form one stream of bits
record Words(int bits, boolean whole) {
  static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /// Words that `count` codes take.
  long count(int count) {
    return whole ? Math.ceilDiv(count, 32 / bits) : Math.ceilDiv((long) count * bits, 32L);
  }

  /// A code.
  ///
  /// @param base byte offset of the first word
  /// @param step bytes from one word to the next
  int get(MemorySegment words, long base, long step, int index) {
    long bit = bit(index);
    long at = base + (bit >>> 5) * step;
    int shift = (int) bit & 31;
    int value = words.get(INT, at) >>> shift;
    if (shift + bits > 32) {
      value |= words.get(INT, at + step) << 32 - shift;
    }
    return value & (1 << bits) - 1;
  }

  /// Stores a code; the place must hold 0 before.
  void put(MemorySegment words, long base, long step, int index, int code) {
    long bit = bit(index);
    long at = base + (bit >>> 5) * step;
    int shift = (int) bit & 31;
    words.set(INT, at, words.get(INT, at) | code << shift);
    if (shift + bits > 32) {
      words.set(INT, at + step, words.get(INT, at + step) | code >>> 32 - shift);
    }
  }

  /// Where a code begins, in bits.
  private long bit(int index) {
    int each = 32 / bits;
    return whole ? 32L * (index / each) + (long) (index % each) * bits : (long) index * bits;
  }
}
