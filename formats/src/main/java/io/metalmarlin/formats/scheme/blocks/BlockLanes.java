package io.metalmarlin.formats.scheme.blocks;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/// Takes four-bit codes of groups of 32 out of blocks in vectors, from memory to memory. The words
/// of [BlockPortion] are the reference.
final class BlockLanes {
  private static final VectorSpecies<Short> S = ShortVector.SPECIES_128;
  private static final ByteOrder ORDER = ByteOrder.LITTLE_ENDIAN;

  /// Bytes 0, 2, 4, ... 14, then 1, 3, 5, ... 15.
  private static final VectorShuffle<Byte> APART =
      VectorShuffle.fromOp(S.withLanes(byte.class), i -> i < 8 ? 2 * i : 2 * i - 15);

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
      ShortVector low = both.and((short) 0x0f0f);
      ShortVector high = both.lanewise(VectorOperators.LSHR, 4).and((short) 0x0f0f);
      // Two neighbouring bytes of one code each become one of two, in the lower half of their lane.
      low = low.or(low.lanewise(VectorOperators.LSHR, 4)).and((short) 0x00ff);
      high = high.or(high.lanewise(VectorOperators.LSHR, 4)).lanewise(VectorOperators.LSHL, 8);
      low.or(high)
          .reinterpretAsBytes()
          .rearrange(APART)
          .intoMemorySegment(codes, to + 16L * b, ORDER);
    }
  }
}
