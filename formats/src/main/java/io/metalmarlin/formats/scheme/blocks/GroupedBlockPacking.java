package io.metalmarlin.formats.scheme.blocks;

import io.metalmarlin.formats.scheme.BlockMatrix;
import io.metalmarlin.formats.scheme.BlockPacking;
import io.metalmarlin.formats.scheme.GroupPacking;
import io.metalmarlin.formats.scheme.GroupScheme;
import io.metalmarlin.formats.scheme.PackedMatrix;
import io.metalmarlin.formats.scheme.Plane;
import io.metalmarlin.formats.scheme.Profile;
import io.metalmarlin.formats.scheme.QuantizedMatrix;
import io.metalmarlin.formats.tensor.DType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.util.List;

/// A plain grid in the blocks of a ggml type: what solvers and converters write to GGUF. Reading
/// keeps the blocks ([BlockPacking]).
///
/// @param type one of [GroupedBlocks]
public record GroupedBlockPacking(DType type) implements GroupPacking {
  @Override
  public String name() {
    return "grouped-" + new BlockPacking(type).name();
  }

  @Override
  public GroupScheme scheme() {
    return GroupedBlocks.scheme(type).orElseThrow();
  }

  @Override
  public Profile profile() {
    return new BlockProfile(scheme());
  }

  @Override
  public List<Plane> planes(int rows, int cols) {
    return new BlockPacking(type).planes(rows, cols);
  }

  @Override
  public void encode(QuantizedMatrix matrix, List<MemorySegment> planes) {
    GroupedBlocks.blocks(matrix, type, (size, alignment) -> planes.getFirst());
  }

  @Override
  public List<MemorySegment> store(PackedMatrix matrix, SegmentAllocator memory) {
    return List.of(GroupedBlocks.blocks((QuantizedMatrix) matrix, type, memory).blocks());
  }

  @Override
  public QuantizedMatrix decode(List<MemorySegment> planes, int rows, int cols) {
    return GroupedBlocks.grouped(new BlockMatrix(type, rows, cols, planes.getFirst()));
  }

  @Override
  public QuantizedMatrix decode(
      List<MemorySegment> planes, int rows, int cols, SegmentAllocator memory) {
    return GroupedBlocks.grouped(
        new BlockMatrix(type, rows, cols, planes.getFirst()), true, memory);
  }

  @Override
  public QuantizedMatrix decodeScales(
      List<MemorySegment> planes, int rows, int cols, SegmentAllocator memory) {
    return GroupedBlocks.grouped(
        new BlockMatrix(type, rows, cols, planes.getFirst()), false, memory);
  }
}
