package io.metalmarlin.formats.scheme;

import io.metalmarlin.formats.number.Floats;
import io.metalmarlin.formats.tensor.DType;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/// A packing whose module has ModelOpt's `pre_quant_scale` `[in]` beside it: a factor per column
/// that a runner applies to the input, and that decoding applies to the columns.
///
/// @param inner the packing of the codes
/// @param factors type of the factors: BF16, F16 or F32
public record ColumnScaledPacking(GroupPacking inner, DType factors) implements Packing {
  /// Suffix of the factors.
  public static final String SUFFIX = "pre_quant_scale";

  @Override
  public String name() {
    return inner.name() + "-pre-scaled-" + factors.name().toLowerCase(java.util.Locale.ROOT);
  }

  @Override
  public GroupScheme scheme() {
    return inner.scheme();
  }

  @Override
  public List<Plane> planes(int rows, int cols) {
    List<Plane> planes = new ArrayList<>(inner.planes(rows, cols));
    planes.add(new Plane(SUFFIX, factors, List.of((long) cols)));
    return planes;
  }

  /// @param matrix a [ColumnScaled] whose factors the type holds exactly
  @Override
  public void encode(PackedMatrix matrix, List<MemorySegment> planes) {
    ColumnScaled scaled = (ColumnScaled) matrix;
    inner.encode(scaled.matrix(), planes.subList(0, planes.size() - 1));
    ScaleType type = ScaleType.of(factors);
    for (int col = 0; col < scaled.cols(); col++) {
      type.put(planes.getLast(), col, type.nearest(scaled.factors()[col]));
    }
  }

  @Override
  public boolean plain(List<MemorySegment> planes, int rows, int cols) {
    return false;
  }

  @Override
  public ColumnScaled decode(List<MemorySegment> planes, int rows, int cols) {
    float[] values = new float[cols];
    Floats.widen(factors, planes.getLast(), 0, values, 0, cols);
    return new ColumnScaled(inner.decode(planes.subList(0, planes.size() - 1), rows, cols), values);
  }
}
