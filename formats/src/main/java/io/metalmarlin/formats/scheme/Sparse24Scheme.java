package io.metalmarlin.formats.scheme;

/// 2:4 sparsity over another grid: of four consecutive columns two are zero, the other two are
/// codes of `values`.
///
/// @param values the grid of the kept columns; its groups count kept columns, so a group spans
///   twice as many columns of the matrix
public record Sparse24Scheme(GroupScheme values) implements Scheme {
  /// Bits of one pattern index: which two of four columns are kept, 0 to 5.
  public static final int PATTERN_BITS = 3;

  @Override
  public String name() {
    return values.name() + "-2of4";
  }

  /// Whole groups of kept columns, and whole patterns of four.
  @Override
  public int columnMultiple() {
    return Math.max(4, 2 * values.columnMultiple());
  }

  @Override
  public double bitsPerWeight(int rows, int cols) {
    return values.bitsPerWeight(rows, cols / 2) / 2 + PATTERN_BITS / 4.0;
  }
}
