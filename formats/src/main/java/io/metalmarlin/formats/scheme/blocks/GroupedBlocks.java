package io.metalmarlin.formats.scheme.blocks;

import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.scheme.BlockMatrix;
import io.metalmarlin.formats.scheme.FloatScheme;
import io.metalmarlin.formats.scheme.GroupScheme;
import io.metalmarlin.formats.scheme.GroupScheme.Zero;
import io.metalmarlin.formats.scheme.IntScheme;
import io.metalmarlin.formats.scheme.QuantizedMatrix;
import io.metalmarlin.formats.scheme.ScaleType;
import io.metalmarlin.formats.scheme.TensorScale;
import io.metalmarlin.formats.scheme.nvfp4.Nvfp4Scheme;
import io.metalmarlin.formats.tensor.DType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The block types of ggml that are groups of plain codes under one scale, to and from the
/// layout-free form. Codes and scales are moved, never computed: both directions are exact.
public final class GroupedBlocks {
  private static final Map<DType, GroupedBlock> BLOCKS = new EnumMap<>(DType.class);

  static {
    BLOCKS.put(DType.Q4_0, new GroupedBlock(integers(4, Zero.NONE), 0, -1, -1, 2));
    BLOCKS.put(DType.Q4_1, new GroupedBlock(integers(4, Zero.BIAS), 0, 2, -1, 4));
    BLOCKS.put(DType.Q5_0, new GroupedBlock(integers(5, Zero.NONE), 0, -1, 2, 6));
    BLOCKS.put(DType.Q5_1, new GroupedBlock(integers(5, Zero.BIAS), 0, 2, 4, 8));
    BLOCKS.put(DType.Q8_0, new GroupedBlock(integers(8, Zero.NONE), 0, -1, -1, 2));
    BLOCKS.put(DType.MXFP4, new GroupedBlock(FloatScheme.MXFP4, 0, -1, -1, 1));
    BLOCKS.put(DType.NVFP4, new GroupedBlock(Nvfp4Scheme.SINGLE_LEVEL, 0, -1, -1, 4));
  }

  /// The packings of the plain grids.
  public static final List<GroupedBlockPacking> PACKINGS =
      BLOCKS.keySet().stream().map(GroupedBlockPacking::new).toList();

  private GroupedBlocks() {}

  private static GroupScheme integers(int bits, Zero zero) {
    return new IntScheme(bits, 32, ScaleType.F16, zero);
  }

  /// The grid of a block type; empty for one whose scales have a structure of their own.
  public static Optional<GroupScheme> scheme(DType type) {
    return Optional.ofNullable(BLOCKS.get(type)).map(GroupedBlock::scheme);
  }

  /// The block type that has exactly this grid.
  public static Optional<DType> type(GroupScheme scheme) {
    return BLOCKS.entrySet().stream()
        .filter(e -> e.getValue().scheme().equals(scheme))
        .map(Map.Entry::getKey)
        .findFirst();
  }

  /// Takes blocks apart, into fresh off-heap memory that lives as long as it is reachable.
  ///
  /// @throws IllegalArgumentException for a type without a grid
  /// @throws MarlinException `NON_FINITE` for a scale byte that ggml reads otherwise than its
  ///   format says (NaN in NVFP4, 255 in MXFP4)
  public static QuantizedMatrix grouped(BlockMatrix m) {
    return grouped(m, true, Arena.ofAuto());
  }

  /// As above, in the caller's memory, which need not be zero.
  ///
  /// @param codes whether codes are taken out; else they are whatever was in that memory
  static QuantizedMatrix grouped(BlockMatrix m, boolean codes, SegmentAllocator arena) {
    GroupedBlock block = block(m.type());
    GroupScheme scheme = block.scheme();
    long zeros = QuantizedMatrix.zeroBytes(scheme, m.rows(), m.cols());
    QuantizedMatrix out =
        new QuantizedMatrix(
            scheme,
            m.rows(),
            m.cols(),
            arena.allocate(QuantizedMatrix.codeBytes(scheme, m.rows(), m.cols()), 8),
            arena.allocate(QuantizedMatrix.scaleBytes(scheme, m.rows(), m.cols()), 8),
            TensorScale.NONE,
            zeros == 0 ? null : arena.allocate(zeros, 8),
            null);
    block.takeApart(m.type(), m.blocks(), out, codes);
    return out;
  }

  /// Puts a matrix into blocks, in fresh off-heap memory that lives as long as it is reachable.
  ///
  /// @param m of exactly the grid of `type`, in groups of consecutive columns, whole blocks a row
  public static BlockMatrix blocks(QuantizedMatrix m, DType type) {
    return blocks(m, type, Arena.ofAuto());
  }

  /// As above, in the caller's memory, which need not be zero.
  static BlockMatrix blocks(QuantizedMatrix m, DType type, SegmentAllocator memory) {
    GroupedBlock block = block(type);
    if (!block.scheme().equals(m.scheme()) || m.groupIndex() != null) {
      throw new IllegalArgumentException(m.scheme().name() + " is not the grid of " + type);
    }
    long count = (long) m.rows() * (m.cols() / type.blockElements());
    MemorySegment blocks = memory.allocate(count * type.blockBytes(), 64);
    block.putTogether(type, m, blocks);
    return new BlockMatrix(type, m.rows(), m.cols(), blocks);
  }

  static GroupedBlock block(DType type) {
    GroupedBlock block = BLOCKS.get(type);
    if (block == null) {
      throw new IllegalArgumentException(type + " is no plain grid");
    }
    return block;
  }
}
