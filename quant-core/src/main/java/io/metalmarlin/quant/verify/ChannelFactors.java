package io.metalmarlin.quant.verify;

/// Powers of two that give the rows and columns of a matrix back their size in the reference.
///
/// @param rows one for each row; empty for 1
/// @param columns likewise
record ChannelFactors(float[] rows, float[] columns) {
  static final ChannelFactors NONE = new ChannelFactors(new float[0], new float[0]);

  /// Takes the factors back in some rows.
  ///
  /// @param first the first row's number
  void apply(float[] values, int first, int count, int cols) {
    for (int i = 0; i < count * cols && this != NONE; i++) {
      float row = rows.length == 0 ? 1 : rows[first + i / cols];
      values[i] *= columns.length == 0 ? row : row * columns[i % cols];
    }
  }
}
