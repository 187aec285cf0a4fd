package io.metalmarlin.formats.model;

import io.metalmarlin.formats.container.Checkpoint;
import io.metalmarlin.formats.scheme.PackedMatrix;
import io.metalmarlin.formats.scheme.Packing;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.util.List;
import java.util.Optional;

/// How one linear module's matrix lies in a checkpoint: found from names, types and shapes alone.
///
/// @param stem the module's Hugging Face name, `model.layers.0.mlp.up_proj`; an expert of a stacked
///   tensor has its own
/// @param planes in the order of [Packing#planes]
/// @param transform what a runner must do to the module's input before the product
public record PackedModule(
    String stem,
    Packing packing,
    int rows,
    int cols,
    List<StoredPlane> planes,
    Optional<InputTransform> transform) {
  public PackedModule {
    planes = List.copyOf(planes);
  }

  /// Reads the matrix: a view of the mapped bytes where the layout allows it.
  public PackedMatrix matrix(Checkpoint checkpoint) {
    return packing.decode(bytes(checkpoint), rows, cols);
  }

  /// As above; what is a copy lies in the caller's memory where the layout uses it.
  public PackedMatrix matrix(Checkpoint checkpoint, SegmentAllocator memory) {
    return packing.decode(bytes(checkpoint), rows, cols, memory);
  }

  /// The matrix with any codes, see [Packing#decodeScales].
  public PackedMatrix scales(Checkpoint checkpoint, SegmentAllocator memory) {
    return packing.decodeScales(bytes(checkpoint), rows, cols, memory);
  }

  /// Whether its planes say nothing beyond the grid, see [Packing#plain].
  public boolean plain(Checkpoint checkpoint) {
    return packing.plain(bytes(checkpoint), rows, cols);
  }

  private List<MemorySegment> bytes(Checkpoint checkpoint) {
    return planes.stream().map(p -> p.bytes(checkpoint)).toList();
  }

  /// Bytes of all planes, from the headers alone.
  public long byteSize(Checkpoint checkpoint) {
    return planes.stream().mapToLong(p -> p.byteSize(checkpoint)).sum();
  }
}
