package io.metalmarlin.formats.scheme;

import java.lang.foreign.MemorySegment;
import java.util.List;

/// One byte layout of one scheme: exact in both directions. Knows no model names; a plane's suffix
/// is part of the layout.
public interface Packing {
  /// The layout's published name, for example `nvfp4-pack-quantized`.
  String name();

  Scheme scheme();

  /// The direction in which this layout stores the tensor scale.
  TensorScale.Kind tensorScaleKind();

  /// The rounding habits of the producers of this layout.
  Profile profile();

  /// The stored tensors of a `rows x cols` matrix, in the order used by [#encode] and [#decode].
  List<Plane> planes(int rows, int cols);

  /// Writes a matrix into whole planes.
  void encode(QuantizedMatrix matrix, List<MemorySegment> planes);

  /// Reads a matrix back. Where the layout equals the internal form the result is a view of
  /// `planes` and lives as long as they do; otherwise it is a copy.
  QuantizedMatrix decode(List<MemorySegment> planes, int rows, int cols);
}
