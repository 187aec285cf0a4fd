package io.metalmarlin.formats.model;

/// A change of basis that a runner applies to a linear's input before the product, because the
/// weight is stored in that basis: `x' = x B`, `B = blockdiag(H / sqrt(blockSize))` with the
/// Sylvester matrix H.
///
/// @param blockSize power of two that divides the input width
public record InputTransform(int blockSize) {
  public InputTransform {
    if (Integer.bitCount(blockSize) != 1 || blockSize < 2) {
      throw new IllegalArgumentException("Hadamard block " + blockSize + " is not a power of two");
    }
  }
}
