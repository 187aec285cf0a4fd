package io.metalmarlin.formats.scheme.regrid;

import io.metalmarlin.formats.scheme.GroupScheme;
import io.metalmarlin.formats.scheme.GroupScheme.Zero;
import io.metalmarlin.formats.scheme.QuantizedMatrix;
import io.metalmarlin.formats.scheme.ScaleType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;

/// A zero point as the bias `-point * scale`, where the scale type has that number.
final class PointAsBias implements Rule {
  private static final int RUN = 4096;

  @Override
  public Optional<GroupScheme> next(GroupScheme from, GroupScheme to) {
    return from.zero() == Zero.POINT && to.zero() == Zero.BIAS
        ? Grids.with(from, Zero.BIAS)
        : Optional.empty();
  }

  @Override
  public boolean always(GroupScheme from, GroupScheme next) {
    return false;
  }

  @Override
  public Optional<QuantizedMatrix> apply(
      QuantizedMatrix m, GroupScheme next, SegmentAllocator memory) {
    QuantizedMatrix out = Grids.fresh(m, next, memory);
    ScaleType type = next.scaleType();
    int bits = next.codeBits();
    MemorySegment scales = m.scales();
    MemorySegment points = Objects.requireNonNull(m.zeros());
    MemorySegment biases = Objects.requireNonNull(out.zeros());
    long count = Grids.groupCount(m);
    float[] scale = new float[RUN];
    float[] bias = new float[RUN];
    float[] stored = new float[RUN];
    for (long first = 0; first < count; first += RUN) {
      int n = (int) Math.min(RUN, count - first);
      type.values(scales, first, scale, n);
      for (int i = 0; i < n; i++) {
        // A sum of -0 and 0 is 0, as (code - point) * scale is for the code that is the point.
        bias[i] = -(points.get(ValueLayout.JAVA_BYTE, first + i) & 0xff) * scale[i] + 0f;
      }
      if (!Affine.exact(type, scale, n, bits)) {
        return Optional.empty();
      }
      type.putNearest(bias, biases, first, n);
      type.values(biases, first, stored, n);
      if (!Arrays.equals(bias, 0, n, stored, 0, n)) {
        return Optional.empty();
      }
    }
    out.scales().copyFrom(scales);
    return Optional.of(out);
  }
}
