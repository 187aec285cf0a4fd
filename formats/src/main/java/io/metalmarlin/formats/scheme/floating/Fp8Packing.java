package io.metalmarlin.formats.scheme.floating;

import io.metalmarlin.formats.scheme.FloatScheme;
import io.metalmarlin.formats.scheme.GroupPacking;
import io.metalmarlin.formats.scheme.PackedMatrix;
import io.metalmarlin.formats.scheme.Plane;
import io.metalmarlin.formats.scheme.Profile;
import io.metalmarlin.formats.scheme.QuantizedMatrix;
import io.metalmarlin.formats.scheme.TensorScale;
import io.metalmarlin.formats.tensor.DType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.util.List;

/// FP8 weights: `weight` F8_E4M3 `[out, in]` and one scale for the tensor, a row, or a rectangle of
/// rows and columns; rectangles at the edges may be cut.
///
/// @param scheme E4M3 elements under scales of a floating-point type
/// @param layout names and shapes of the scales
public record Fp8Packing(FloatScheme scheme, Fp8Layout layout) implements GroupPacking {
  public Fp8Packing {
    if (scheme.element() != FloatScheme.Element.E4M3) {
      throw new IllegalArgumentException(scheme.name());
    }
  }

  @Override
  public String name() {
    return layout.label() + "-" + scheme.name();
  }

  @Override
  public Profile profile() {
    return new Fp8Profile(scheme, layout == Fp8Layout.MODELOPT);
  }

  @Override
  public List<Plane> planes(int rows, int cols) {
    return List.of(
        new Plane("weight", DType.F8_E4M3, List.of((long) rows, (long) cols)),
        new Plane(layout.suffix(), scheme.scaleType().dtype(), layout.shape(scheme, rows, cols)));
  }

  @Override
  public void encode(QuantizedMatrix matrix, List<MemorySegment> planes) {
    planes.get(0).copyFrom(matrix.codes());
    planes.get(1).copyFrom(matrix.scales());
  }

  /// Parts of the matrix: nothing is copied.
  @Override
  public List<MemorySegment> store(PackedMatrix matrix, SegmentAllocator memory) {
    QuantizedMatrix m = (QuantizedMatrix) matrix;
    return List.of(m.codes(), m.scales());
  }

  /// A view: nothing is copied.
  @Override
  public QuantizedMatrix decode(List<MemorySegment> planes, int rows, int cols) {
    return new QuantizedMatrix(scheme, rows, cols, planes.get(0), planes.get(1), TensorScale.NONE);
  }
}
