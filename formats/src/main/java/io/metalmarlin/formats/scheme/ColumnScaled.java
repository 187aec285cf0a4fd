package io.metalmarlin.formats.scheme;

/// A packed matrix whose columns are multiplied by one factor each: how AWQ-style packs say that a
/// runner must scale the linear's input first. `W[r][c] = matrix[r][c] * factors[c]`, rounded to
/// fp32.
///
/// @param factors one per column, not to be changed
public record ColumnScaled(PackedMatrix matrix, float[] factors) implements PackedMatrix {
  public ColumnScaled {
    if (factors.length != matrix.cols()) {
      throw new IllegalArgumentException(
          factors.length + " factors for " + matrix.cols() + " columns");
    }
  }

  @Override
  public Scheme scheme() {
    return matrix.scheme();
  }

  @Override
  public int rows() {
    return matrix.rows();
  }

  @Override
  public int cols() {
    return matrix.cols();
  }

  @Override
  public void decode(int fromRow, int toRow, float[] out) {
    matrix.decode(fromRow, toRow, out);
    for (int i = 0; i < (toRow - fromRow) * cols(); i++) {
      out[i] *= factors[i % cols()];
    }
  }
}
