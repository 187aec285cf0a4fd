package io.metalmarlin.formats.scheme.regrid;

import io.metalmarlin.formats.scheme.GroupScheme;
import io.metalmarlin.formats.scheme.GroupScheme.Zero;
import io.metalmarlin.formats.scheme.QuantizedMatrix;
import java.lang.foreign.SegmentAllocator;
import java.util.Objects;
import java.util.Optional;

/// Codes around the middle of their range are codes with the middle as zero point.
final class SymmetricAsPoint implements Rule {
  @Override
  public Optional<GroupScheme> next(GroupScheme from, GroupScheme to) {
    return from.zero() == Zero.NONE && to.zero() != Zero.NONE
        ? Grids.with(from, Zero.POINT)
        : Optional.empty();
  }

  @Override
  public boolean always(GroupScheme from, GroupScheme next) {
    return true;
  }

  @Override
  public Optional<QuantizedMatrix> apply(
      QuantizedMatrix m, GroupScheme next, SegmentAllocator memory) {
    QuantizedMatrix out = Grids.fresh(m, next, memory);
    out.scales().copyFrom(m.scales());
    Objects.requireNonNull(out.zeros()).fill((byte) (1 << next.codeBits() - 1));
    return Optional.of(out);
  }
}
