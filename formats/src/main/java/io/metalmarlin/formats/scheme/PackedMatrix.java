package io.metalmarlin.formats.scheme;

/// One `rows x cols` matrix in packed form, free of any file layout: what lies between a packing on
/// one side and a solver, a kernel or another packing on the other.
public sealed interface PackedMatrix
    permits QuantizedMatrix, BlockMatrix, Sparse24Matrix, TrellisMatrix, ColumnScaled {
  Scheme scheme();

  int rows();

  int cols();

  /// Decodes the rows `[fromRow, toRow)` into `out`, row-major from index 0, `cols` a row: the
  /// scalar reference of every kernel.
  ///
  /// @throws io.metalmarlin.formats.MarlinException `NON_FINITE` for a scale that is no finite
  ///   number
  void decode(int fromRow, int toRow, float[] out);
}
