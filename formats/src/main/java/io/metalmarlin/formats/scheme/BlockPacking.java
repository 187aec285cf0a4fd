package io.metalmarlin.formats.scheme;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.tensor.DType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.util.List;

/// One tensor of a ggml block type, as GGUF files hold it: the blocks are both the grid and its
/// layout.
///
/// @param type a block type
public record BlockPacking(DType type) implements Packing {
  @Override
  public String name() {
    return scheme().name();
  }

  @Override
  public BlockScheme scheme() {
    return new BlockScheme(type);
  }

  @Override
  public List<Plane> planes(int rows, int cols) {
    if (cols % type.blockElements() != 0) {
      throw new MarlinException(
          ErrorCode.NOT_DIVISIBLE,
          type.name(),
          "input %d is not a multiple of %d (%s block)".formatted(cols, type.blockElements(), type),
          "Leave the module out with --ignore, or choose a type with smaller blocks.");
    }
    return List.of(new Plane("weight", type, List.of((long) rows, (long) cols)));
  }

  @Override
  public void encode(PackedMatrix matrix, List<MemorySegment> planes) {
    planes.getFirst().copyFrom(((BlockMatrix) matrix).blocks());
  }

  /// The blocks of the matrix: nothing is copied.
  @Override
  public List<MemorySegment> store(PackedMatrix matrix, SegmentAllocator memory) {
    return List.of(((BlockMatrix) matrix).blocks());
  }

  /// A view: nothing is copied.
  @Override
  public BlockMatrix decode(List<MemorySegment> planes, int rows, int cols) {
    return new BlockMatrix(type, rows, cols, planes.getFirst());
  }
}
