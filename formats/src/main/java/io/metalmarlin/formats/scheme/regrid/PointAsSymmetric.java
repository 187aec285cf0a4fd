package io.metalmarlin.formats.scheme.regrid;

import io.metalmarlin.formats.scheme.GroupScheme;
import io.metalmarlin.formats.scheme.GroupScheme.Zero;
import io.metalmarlin.formats.scheme.QuantizedMatrix;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.ValueLayout;
import java.util.Objects;
import java.util.Optional;

/// Zero points that are all the middle of the codes' range need not be said.
final class PointAsSymmetric implements Rule {
  @Override
  public Optional<GroupScheme> next(GroupScheme from, GroupScheme to) {
    return from.zero() == Zero.POINT && to.zero() == Zero.NONE
        ? Grids.with(from, Zero.NONE)
        : Optional.empty();
  }

  @Override
  public boolean always(GroupScheme from, GroupScheme next) {
    return false;
  }

  @Override
  public Optional<QuantizedMatrix> apply(
      QuantizedMatrix m, GroupScheme next, SegmentAllocator memory) {
    MemorySegment zeros = Objects.requireNonNull(m.zeros());
    byte middle = (byte) (1 << next.codeBits() - 1);
    for (long i = 0; i < zeros.byteSize(); i++) {
      if (zeros.get(ValueLayout.JAVA_BYTE, i) != middle) {
        return Optional.empty();
      }
    }
    return Optional.of(Grids.of(m, next, m.scales(), null));
  }
}
