package io.metalmarlin.formats.scheme;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.util.List;

/// A packing of codes in groups, whose producers' rounding habits are known.
public interface GroupPacking extends Packing {
  @Override
  GroupScheme scheme();

  /// The direction in which this layout stores the tensor scale.
  default TensorScale.Kind tensorScaleKind() {
    return TensorScale.Kind.NONE;
  }

  /// The rounding habits of the producers of this layout.
  Profile profile();

  @Override
  default void encode(PackedMatrix matrix, List<MemorySegment> planes) {
    encode((QuantizedMatrix) matrix, planes);
  }

  /// Writes a matrix of this packing's scheme into whole planes.
  void encode(QuantizedMatrix matrix, List<MemorySegment> planes);

  @Override
  QuantizedMatrix decode(List<MemorySegment> planes, int rows, int cols);

  @Override
  default QuantizedMatrix decode(
      List<MemorySegment> planes, int rows, int cols, SegmentAllocator memory) {
    return decode(planes, rows, cols);
  }
}
