package io.metalmarlin.formats.scheme;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.util.List;
import java.util.Map;

/// One byte layout of one scheme: exact in both directions. Knows no model names; a plane's suffix
/// is part of the layout.
public interface Packing {
  /// The layout's published name, for example `nvfp4-pack-quantized`.
  String name();

  Scheme scheme();

  /// The stored tensors of a `rows x cols` matrix, in the order used by [#encode] and [#decode].
  ///
  /// @throws io.metalmarlin.formats.MarlinException `NOT_DIVISIBLE` for a size the layout cannot
  ///   hold
  List<Plane> planes(int rows, int cols);

  /// Writes a matrix of this packing's scheme into whole planes.
  void encode(PackedMatrix matrix, List<MemorySegment> planes);

  /// Reads a matrix back. Where the layout equals the internal form the result is a view of
  /// `planes` and lives as long as they do; otherwise it is a copy.
  PackedMatrix decode(List<MemorySegment> planes, int rows, int cols);

  /// As above, with what is a copy in the caller's memory where the layout is one of those that are
  /// large and taken apart as a whole; the result lives no longer than that memory.
  ///
  /// @param memory need not be zero
  default PackedMatrix decode(
      List<MemorySegment> planes, int rows, int cols, SegmentAllocator memory) {
    return decode(planes, rows, cols);
  }

  /// A matrix with the scales, zeros and group order of the stored one and any codes, for questions
  /// that codes do not answer: cheaper than [#decode] where codes would be moved.
  ///
  /// @param memory need not be zero
  default PackedMatrix decodeScales(
      List<MemorySegment> planes, int rows, int cols, SegmentAllocator memory) {
    return decode(planes, rows, cols, memory);
  }

  /// Whether the planes say nothing beyond the grid: no order of groups, no factors of columns.
  /// Neither codes nor scales are read.
  default boolean plain(List<MemorySegment> planes, int rows, int cols) {
    return true;
  }

  /// Planes that are the same for every matrix of this size, by their place among [#planes].
  default Map<Integer, MemorySegment> constants(int rows, int cols) {
    return Map.of();
  }

  /// Whether [#decode] and [#store] hand out parts of what they are given and compute no more than
  /// a few bytes.
  default boolean views() {
    return false;
  }

  /// The planes of a matrix of this packing's scheme, to be read and written away at once: parts of
  /// the matrix where a plane equals one, else in the caller's memory.
  ///
  /// @param memory need not be zero
  default List<MemorySegment> store(PackedMatrix matrix, SegmentAllocator memory) {
    List<MemorySegment> planes =
        planes(matrix.rows(), matrix.cols()).stream()
            .map(p -> memory.allocate(p.tensor("").byteSize(), 64).fill((byte) 0))
            .toList();
    encode(matrix, planes);
    return planes;
  }
}
