package io.metalmarlin.formats.scheme;

import java.lang.foreign.MemorySegment;
import java.util.List;

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
}
