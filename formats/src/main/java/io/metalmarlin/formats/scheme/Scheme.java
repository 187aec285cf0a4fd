package io.metalmarlin.formats.scheme;

/// A numeric grid: which values the weights of a matrix may take together. Knows no file layout and
/// no names.
public sealed interface Scheme permits GroupScheme, BlockScheme, Sparse24Scheme, TrellisScheme {
  /// The name of the grid, for example `nvfp4`, `int4-g128` or `q4_k`; unique among schemes.
  String name();

  /// The columns of a matrix must be a multiple of this; 1 where any number fits.
  int columnMultiple();

  /// All bits a `rows x cols` matrix takes, scales and tensor scale included, per weight.
  double bitsPerWeight(int rows, int cols);
}
