package io.metalmarlin.formats.scheme.regrid;

import io.metalmarlin.formats.scheme.GroupScheme;
import io.metalmarlin.formats.scheme.GroupScheme.Zero;
import io.metalmarlin.formats.scheme.QuantizedMatrix;
import io.metalmarlin.formats.scheme.ScaleType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;
import java.util.Optional;

/// A zero point as the bias `-point * scale`, where the scale type has that number.
final class PointAsBias implements Rule {
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
  public Optional<QuantizedMatrix> apply(QuantizedMatrix m, GroupScheme next) {
    QuantizedMatrix out = Grids.fresh(m, next);
    ScaleType type = next.scaleType();
    int bits = next.codeBits();
    MemorySegment scales = m.scales();
    MemorySegment points = Objects.requireNonNull(m.zeros());
    MemorySegment biases = Objects.requireNonNull(out.zeros());
    long count = Grids.groupCount(m);
    for (long i = 0; i < count; i++) {
      float scale = type.value(type.code(scales, i));
      float bias = -(points.get(ValueLayout.JAVA_BYTE, i) & 0xff) * scale;
      // A sum of -0 and 0 is 0, as (code - point) * scale is for the code that is the point.
      int code = type.nearest(bias == 0 ? 0f : bias);
      if (!Affine.exact(scale, bits) || type.value(code) != bias) {
        return Optional.empty();
      }
      type.put(biases, i, code);
    }
    out.scales().copyFrom(scales);
    return Optional.of(out);
  }
}
