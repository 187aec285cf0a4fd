package io.metalmarlin.formats.scheme.regrid;

import io.metalmarlin.formats.scheme.GroupScheme;
import io.metalmarlin.formats.scheme.QuantizedMatrix;
import java.lang.foreign.SegmentAllocator;
import java.util.Optional;

/// One way to say the same numbers in another grid. Codes are never touched: a rule changes how
/// scales, zero points or biases are stored and checks that every decoded weight stays the same to
/// the bit.
interface Rule {
  /// What this rule makes of the grid `from` on the way to `to`; empty where it has nothing to do.
  Optional<GroupScheme> next(GroupScheme from, GroupScheme to);

  /// Whether it carries every matrix of `from` to its [#next], whatever its scales are.
  boolean always(GroupScheme from, GroupScheme next);

  /// The matrix in the grid `next`, codes shared with `m`; empty where a number would change.
  ///
  /// @param memory for scales and zeros that are new; need not be zero
  Optional<QuantizedMatrix> apply(QuantizedMatrix m, GroupScheme next, SegmentAllocator memory);
}
