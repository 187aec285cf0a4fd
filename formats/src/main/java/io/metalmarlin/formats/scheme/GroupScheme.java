package io.metalmarlin.formats.scheme;

/// A grid of codes in groups that share a scale, and where [#zero] says so a zero point or a bias.
///
/// With `s = tensorScale.effective(scaleValue(scale code))` a weight is `value(code) * s`, `(code -
/// zero_point) * s` or `code * s + bias`, each operation rounded to fp32.
public non-sealed interface GroupScheme extends Scheme {
  /// A group that takes all rows or all columns.
  int WHOLE = Integer.MAX_VALUE;

  /// How a group is moved away from zero.
  enum Zero {
    /// Not at all: codes stand for signed values.
    NONE,
    /// By an integer zero point in the codes' own unit.
    POINT,
    /// By a bias in the scales' type.
    BIAS
  }

  /// Consecutive columns that share one scale, or [#WHOLE].
  int groupSize();

  /// Consecutive rows that share one scale, or [#WHOLE]; 1 for nearly all.
  default int groupRows() {
    return 1;
  }

  /// Bits of one code, 1 to 8.
  int codeBits();

  /// The stored type of a group scale (and of a bias).
  ScaleType scaleType();

  default Zero zero() {
    return Zero.NONE;
  }

  /// Whether a per-tensor fp32 factor positions the scale window.
  default boolean hasTensorScale() {
    return false;
  }

  /// The grid value of a code, unscaled; the code itself where the scheme has zero points or
  /// biases.
  float value(int code);

  /// The code whose value is nearest to `x` (already divided by the scale), with the scheme's tie
  /// rule.
  int nearest(float x);

  /// Bits of one group scale.
  default int scaleBits() {
    return scaleType().bits();
  }

  /// The value of a scale code, without the tensor scale.
  default float scaleValue(int scaleCode) {
    return scaleType().value(scaleCode);
  }

  /// The scale code nearest to a positive `s`, saturating; never NaN.
  default int nearestScale(float s) {
    return scaleType().nearest(s);
  }

  @Override
  default int columnMultiple() {
    return groupSize() == WHOLE ? 1 : groupSize();
  }

  @Override
  default double bitsPerWeight(int rows, int cols) {
    double groups =
        (double) Math.ceilDiv(rows, Math.min(rows, groupRows()))
            * Math.ceilDiv(cols, Math.min(cols, groupSize()));
    double zeroBits =
        switch (zero()) {
          case NONE -> 0;
          case POINT -> codeBits();
          case BIAS -> scaleBits();
        };
    double bits = (double) rows * cols * codeBits() + groups * (scaleBits() + zeroBits);
    return (bits + (hasTensorScale() ? 32 : 0)) / ((double) rows * cols);
  }
}
