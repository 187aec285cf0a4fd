package io.metalmarlin.quant.verify;

/// How far a stored matrix is from the reference: `||Q - W|| / ||W||` in Frobenius norms.
///
/// @param scheme name of the grid; `dense` for floating-point weights
/// @param bits of one code, rounded to a whole number for block types; 16 or 32 for dense weights
/// @param relative 0 for equal matrices; NaN where the two cannot be compared
public record WeightError(String module, String scheme, int bits, double relative) {
  /// What a careful quantizer stays below, with room: twice what round-to-nearest makes of normally
  /// distributed weights.
  double usual() {
    return switch (bits) {
      case 1 -> 1.0;
      case 2 -> 0.9;
      case 3 -> 0.45;
      case 4 -> 0.25;
      case 5 -> 0.12;
      default -> 0.07;
    };
  }

  /// From here on the codes mean something else than the reader thinks: half of the norm is error
  /// at four bits and more. With fewer bits honest errors come near that.
  double impossible() {
    return bits >= 4 ? 0.5 : bits == 3 ? 0.75 : 1.2;
  }
}
