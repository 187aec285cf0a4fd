package io.metalmarlin.formats.scheme.regrid;

import io.metalmarlin.formats.scheme.GroupScheme;
import io.metalmarlin.formats.scheme.GroupScheme.Zero;
import io.metalmarlin.formats.scheme.QuantizedMatrix;
import io.metalmarlin.formats.scheme.ScaleType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;
import java.util.Optional;

/// A bias as the zero point `-bias / scale`, where that is a code.
final class BiasAsPoint implements Rule {
  @Override
  public Optional<GroupScheme> next(GroupScheme from, GroupScheme to) {
    return from.zero() == Zero.BIAS && to.zero() != Zero.BIAS
        ? Grids.with(from, Zero.POINT)
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
    int largest = (1 << bits) - 1;
    MemorySegment scales = m.scales();
    MemorySegment biases = Objects.requireNonNull(m.zeros());
    MemorySegment points = Objects.requireNonNull(out.zeros());
    long count = Grids.groupCount(m);
    for (long i = 0; i < count; i++) {
      float scale = type.value(type.code(scales, i));
      float bias = type.value(type.code(biases, i));
      float point = scale == 0 && bias == 0 ? 0 : -bias / scale;
      boolean integer = point == (int) point && point >= 0 && point <= largest;
      if (!integer || -point * scale != bias || !Affine.exact(scale, bits)) {
        return Optional.empty();
      }
      points.set(ValueLayout.JAVA_BYTE, i, (byte) (int) point);
    }
    out.scales().copyFrom(scales);
    return Optional.of(out);
  }
}
