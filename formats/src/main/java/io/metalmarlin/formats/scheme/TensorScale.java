package io.metalmarlin.formats.scheme;

/// The fp32 second level of a two-level scheme, kept as the number its file holds.
///
/// Dialects disagree on its direction: compressed-tensors and FP-Quant store a divisor `2688/amax`,
/// ModelOpt a multiplier `amax/2688`. `1/(1/x)` is not `x` in floating point, so the kind travels
/// with the bits and is converted only when a target demands the other one.
public record TensorScale(Kind kind, float value) {
  /// Direction of the stored number.
  public enum Kind {
    /// No second level; `value` is 1.
    NONE,
    /// The group scale is divided by the value.
    DIVISOR,
    /// The group scale is multiplied by the value.
    MULTIPLIER
  }

  public static final TensorScale NONE = new TensorScale(Kind.NONE, 1f);

  /// The factor of one group: its scale value combined with this second level, in fp32.
  public float effective(float scaleValue) {
    return switch (kind) {
      case NONE -> scaleValue;
      case DIVISOR -> scaleValue / value;
      case MULTIPLIER -> scaleValue * value;
    };
  }

  /// This scale in the other direction, rounded once; itself when the kind already fits.
  public TensorScale as(Kind wanted) {
    if (wanted == kind) {
      return this;
    }
    if (wanted == Kind.NONE || kind == Kind.NONE) {
      throw new IllegalArgumentException(kind + " cannot become " + wanted);
    }
    return new TensorScale(wanted, 1f / value);
  }
}
