package io.metalmarlin.formats.scheme;

import io.metalmarlin.formats.tensor.DType;

/// How one producer turns ranges into scales and values into codes, exact to the bit, with its
/// corner cases (all-zero groups, sign of zero). Belongs to a [Packing], because peers that share a
/// layout share its habits.
public interface Profile {
  /// The parameters of a group.
  ///
  /// @param scale the scale code
  /// @param zero zero point, or bits of the bias in the scale's type; 0 for a scheme without zeros
  /// @param exactScale the scale before it was rounded to its code, for a producer whose codes are
  ///   found under it; NaN for the others
  /// @param exactZero the bias before it was rounded, likewise
  record Fit(int scale, int zero, float exactScale, float exactZero) {
    /// Of a producer that finds codes under the stored parameters.
    public Fit(int scale, int zero) {
      this(scale, zero, Float.NaN, Float.NaN);
    }
  }

  /// The tensor scale of a fused set of matrices whose largest absolute value is `amax`, by the
  /// plain absmax rule.
  ///
  /// @param source the weights' stored type: compressed-tensors computes in it
  default TensorScale tensorScale(float amax, DType source) {
    return TensorScale.NONE;
  }

  /// The tensor scale that leaves room above the absmax scale, for solvers that search scale codes.
  default TensorScale searchScale(float amax) {
    return TensorScale.NONE;
  }

  /// The scale code of a group by the plain absmax rule; the stored code of an empty group if
  /// `amax` is 0. For schemes without zeros.
  int groupScale(float amax, TensorScale tensorScale, DType source);

  /// The parameters of a group whose values lie in `[min, max]`.
  default Fit fit(float min, float max, TensorScale tensorScale, DType source) {
    return new Fit(groupScale(Math.max(Math.abs(min), Math.abs(max)), tensorScale, source), 0);
  }

  /// The scale code this producer stores for a group of zeros.
  int emptyGroupScale();

  /// Whether every loader of the layout multiplies by a group scale as it stands, so that a
  /// negative one may turn a lopsided grid of integers round. For schemes without zeros.
  default boolean negativeScales() {
    return false;
  }

  /// The code of `w` under a group's scale code. For schemes without zeros.
  int code(float w, int scaleCode, TensorScale tensorScale);

  /// The code of `w` under a group's parameters.
  default int code(float w, Fit fit, TensorScale tensorScale) {
    return code(w, fit.scale(), tensorScale);
  }
}
