package io.metalmarlin.formats.scheme.blocks;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/// Takes four-bit codes of groups of 32 out of blocks, and puts those of groups of 16 into them, in
/// vectors, from memory to memory. The words of [BlockPortion] are the reference.
final class BlockLanes {
  private static final VectorSpecies<Short> S = ShortVector.SPECIES_128;
  private static final VectorSpecies<Byte> B = ByteVector.SPECIES_128;
  private static final ByteOrder ORDER = ByteOrder.LITTLE_ENDIAN;

  /// Bytes 0, 2, 4, ... 14, then 1, 3, 5, ... 15.
  private static final VectorShuffle<Byte> APART =
      VectorShuffle.fromOp(B, i -> i < 8 ? 2 * i : 2 * i - 15);

  // Of the eight bytes of a group of 16, each of the first four twice, and of the last four.
  private static final VectorShuffle<Byte> FIRST =
      VectorShuffle.fromOp(B, i -> i / 8 * 8 + i % 8 / 2);
  private static final VectorShuffle<Byte> SECOND =
      VectorShuffle.fromOp(B, i -> i / 8 * 8 + 4 + i % 8 / 2);

  private BlockLanes() {}

  /// The codes of `n` blocks, of which byte `j` holds those of columns `j` and `j + 16`, in the
  /// order of the columns.
  ///
  /// @param at where the first block's codes lie
  /// @param step bytes from block to block
  static void codesApart(
      MemorySegment blocks, long at, long step, MemorySegment codes, long to, int n) {
    for (int b = 0; b < n; b++) {
      ShortVector both = ShortVector.fromMemorySegment(S, blocks, at + b * step, ORDER);
      // Of two neighbouring bytes the lower nibbles become one byte, the upper ones the next.
      ShortVector second = both.lanewise(VectorOperators.LSHR, 4).and((short) 0x00f0);
      ShortVector third = both.lanewise(VectorOperators.LSHL, 4).and((short) 0x0f00);
      both.and((short) 0xf00f)
          .or(second)
          .or(third)
          .reinterpretAsBytes()
          .rearrange(APART)
          .intoMemorySegment(codes, to + 16L * b, ORDER);
    }
  }

  /// Codes of groups of 16 as they lie in blocks: byte `j` of eight holds those of columns `j` and
  /// `j + 8`.
  ///
  /// @param pairs of groups in a block
  /// @param at where the first block's codes lie
  /// @param step bytes from block to block
  static void codesTogether(
      MemorySegment codes, long from, MemorySegment blocks, long at, long step, int pairs, int n) {
    for (int b = 0; b < n; b++) {
      for (int p = 0; p < pairs; p++) {
        ByteVector both =
            ByteVector.fromMemorySegment(B, codes, from + 16L * (b * pairs + p), ORDER);
        // A byte of two neighbours, twice in a lane: that of the even column stays below.
        ShortVector first = both.rearrange(FIRST).reinterpretAsShorts();
        ShortVector second = both.rearrange(SECOND).reinterpretAsShorts();
        ShortVector low =
            first
                .and((short) 0x000f)
                .or(first.lanewise(VectorOperators.LSHR, 4).and((short) 0x0f00));
        ShortVector high =
            second
                .lanewise(VectorOperators.LSHL, 4)
                .and((short) 0x00f0)
                .or(second.and((short) 0xf000));
        low.or(high).intoMemorySegment(blocks, at + b * step + 16L * p, ORDER);
      }
    }
  }
}
