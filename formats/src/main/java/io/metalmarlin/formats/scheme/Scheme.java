package io.metalmarlin.formats.scheme;

/// A numeric grid: which values a group of weights may take. Knows no bytes and no names.
///
/// A weight is `effective(scale code, tensor scale) * value(code)`, one scale code per `groupSize`
/// consecutive columns of a row.
public interface Scheme {
  /// The name of the grid, for example `nvfp4`.
  String name();

  /// Consecutive columns that share one scale.
  int groupSize();

  /// Bits of one code.
  int codeBits();

  /// Bits of one group scale.
  int scaleBits();

  /// Whether a per-tensor fp32 factor positions the scale window.
  boolean hasTensorScale();

  /// The grid value of a code, unscaled.
  float value(int code);

  /// The code whose value is nearest to `x` (already divided by the scale), with the scheme's tie
  /// rule.
  int nearest(float x);

  /// The value of a scale code, without the tensor scale.
  float scaleValue(int scaleCode);

  /// The scale code nearest to a positive `s`, saturating; never NaN.
  int nearestScale(float s);

  /// All bits a `rows x cols` matrix takes, scales and tensor scale included, per weight.
  default double bitsPerWeight(int rows, int cols) {
    double groups = Math.ceilDiv(cols, groupSize());
    double bits = (double) rows * cols * codeBits() + rows * groups * scaleBits();
    return (bits + (hasTensorScale() ? 32 : 0)) / ((double) rows * cols);
  }
}
