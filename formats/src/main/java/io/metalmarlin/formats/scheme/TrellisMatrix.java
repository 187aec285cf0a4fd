package io.metalmarlin.formats.scheme;

/// A matrix in a [TrellisScheme].
///
/// @param symbols and scales, in the scheme's own [TrellisScheme#symbols]
public record TrellisMatrix(TrellisScheme scheme, QuantizedMatrix symbols) implements PackedMatrix {
  public TrellisMatrix {
    if (!symbols.scheme().equals(scheme.symbols())) {
      throw new IllegalArgumentException(
          "%s of symbols %s".formatted(scheme.name(), symbols.scheme().name()));
    }
  }

  @Override
  public int rows() {
    return symbols.rows();
  }

  @Override
  public int cols() {
    return symbols.cols();
  }

  /// The state of a row of a column, by its definition.
  public int state(int row, int col) {
    int first = row / TrellisScheme.TILE_ROWS * TrellisScheme.TILE_ROWS;
    int height = Math.min(TrellisScheme.TILE_ROWS, rows() - first);
    int state = 0;
    for (int i = 0; i < scheme.span(); i++) {
      int symbol = symbols.code(first + (row - first + i) % height, col);
      state |= symbol << i * scheme.bits();
    }
    return state;
  }

  /// The rows `[from, to)` as a view of the same memory; whole tiles.
  public TrellisMatrix rows(int from, int to) {
    int height = TrellisScheme.TILE_ROWS;
    if (from % height != 0 || to % height != 0 && to != rows()) {
      throw new IllegalArgumentException("rows " + from + " to " + to + " cut a tile");
    }
    return new TrellisMatrix(scheme, symbols.rows(from, to));
  }

  @Override
  public void decode(int fromRow, int toRow, float[] out) {
    ScaleType type = scheme.scaleType();
    for (int row = fromRow; row < toRow; row++) {
      int at = (row - fromRow) * cols();
      for (int col = 0; col < cols(); col++) {
        float scale = type.value(symbols.scaleCode(row, symbols.group(col)));
        out[at + col] = TrellisScheme.value(state(row, col)) * scale;
      }
    }
  }
}
