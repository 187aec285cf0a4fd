package io.metalmarlin.quant.solve;

import io.metalmarlin.formats.scheme.GroupScheme;
import io.metalmarlin.formats.scheme.Sparse24Scheme;

/// How the columns of a 2:4 matrix divide.
///
/// @param span columns of the matrix that hold one group of kept columns: twice the group, or all
record SparseGroups(int cols, int span) {
  private static final int QUAD = 4;

  /// @throws IllegalArgumentException for a width of broken groups or quads: plans refuse it
  static SparseGroups of(GroupScheme values, int cols) {
    if (cols % new Sparse24Scheme(values).columnMultiple() != 0) {
      throw new IllegalArgumentException(cols + " columns are no whole groups of " + values.name());
    }
    return new SparseGroups(cols, values.groupSize() >= cols / 2 ? cols : 2 * values.groupSize());
  }

  int groups() {
    return cols / span;
  }

  boolean whole() {
    return span == cols;
  }

  /// Columns that stay together when columns are walked in another order than the stored one: a
  /// group, because its scale is chosen when the walk reaches it; a quad where there is one group.
  int orderUnit() {
    return whole() ? QUAD : span;
  }

  /// Columns whose later neighbours are moved in one matrix product: whole groups.
  int block(int about) {
    return whole() ? about : span > about ? span : about / span * span;
  }

  /// Columns inside a block that are moved one by one: whole quads of one group.
  int leaf(int about) {
    return whole() || span % about == 0 ? about : QUAD;
  }
}
