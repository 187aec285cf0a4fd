package io.metalmarlin.formats.model;

import io.metalmarlin.formats.container.Checkpoint;
import io.metalmarlin.formats.scheme.PackedMatrix;
import io.metalmarlin.formats.scheme.Packing;
import java.lang.foreign.MemorySegment;
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
    List<MemorySegment> bytes = planes.stream().map(p -> p.bytes(checkpoint)).toList();
    return packing.decode(bytes, rows, cols);
  }

  /// Bytes of all planes, from the headers alone.
  public long byteSize(Checkpoint checkpoint) {
    return planes.stream().mapToLong(p -> p.byteSize(checkpoint)).sum();
  }
}
