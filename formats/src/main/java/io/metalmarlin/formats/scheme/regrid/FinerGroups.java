package io.metalmarlin.formats.scheme.regrid;

import io.metalmarlin.formats.scheme.GroupScheme;
import io.metalmarlin.formats.scheme.GroupScheme.Zero;
import io.metalmarlin.formats.scheme.QuantizedMatrix;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.util.Optional;

/// Smaller groups that repeat the scale of the group they lie in; also the group that spans a whole
/// row said as a number.
final class FinerGroups implements Rule {
  @Override
  public Optional<GroupScheme> next(GroupScheme from, GroupScheme to) {
    return from.groupSize() == to.groupSize() && from.groupRows() == to.groupRows()
        ? Optional.empty()
        : Grids.with(from, to.groupRows(), to.groupSize());
  }

  @Override
  public boolean always(GroupScheme from, GroupScheme next) {
    return within(from.groupSize(), next.groupSize()) && within(from.groupRows(), next.groupRows());
  }

  private static boolean within(int from, int next) {
    return from == GroupScheme.WHOLE || next != GroupScheme.WHOLE && from % next == 0;
  }

  @Override
  public Optional<QuantizedMatrix> apply(
      QuantizedMatrix m, GroupScheme next, SegmentAllocator memory) {
    if (m.groupIndex() != null) {
      return Optional.empty();
    }
    QuantizedMatrix out = Grids.fresh(m, next, memory);
    if (!fits(m.groupSize(), out.groupSize(), m.cols())
        || !fits(m.groupRows(), out.groupRows(), m.rows())) {
      return Optional.empty();
    }
    MemorySegment zeros = m.zeros();
    for (int row = 0; row < m.rows(); row += out.groupRows()) {
      for (int group = 0; group < out.groups(); group++) {
        int source = group * out.groupSize() / m.groupSize();
        int zero =
            zeros == null
                ? 0
                : next.zero() == Zero.POINT ? m.zeroPoint(row, source) : m.biasCode(row, source);
        out.putGroup(row, group, m.scaleCode(row, source), zero);
      }
    }
    return Optional.of(out);
  }

  /// Whether no group of `fine` elements lies across the edge of a group of `coarse`.
  private static boolean fits(int coarse, int fine, int size) {
    return coarse % fine == 0 || coarse >= size;
  }
}
