package io.metalmarlin.runtime.backend;

/// Parts of a row: `count` pieces of `width` columns, the first at `first`, each `step` after the
/// one before; with a step of 0 the same piece over and over, to be read only.
public record Columns(int first, int width, int step, int count) {
  /// One piece.
  public static Columns of(int first, int width) {
    return new Columns(first, width, width, 1);
  }

  /// Columns altogether.
  public int total() {
    return width * count;
  }
}
