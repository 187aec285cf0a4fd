package io.metalmarlin.formats.scheme;

import io.metalmarlin.formats.tensor.DType;

/// How one producer turns absolute maxima into scales and values into codes, exact to the bit, with
/// its corner cases (all-zero groups, sign of zero). Belongs to a [Packing], because peers that
/// share a layout share its habits.
public interface Profile {
  /// The tensor scale of a fused set of matrices whose largest absolute value is `amax`, by the
  /// plain absmax rule.
  ///
  /// @param source the weights' stored type: compressed-tensors computes in it
  TensorScale tensorScale(float amax, DType source);

  /// The tensor scale that leaves room above the absmax scale, for solvers that search scale codes.
  TensorScale searchScale(float amax);

  /// The scale code of a group by the plain absmax rule; the stored code of an empty group if
  /// `amax` is 0.
  int groupScale(float amax, TensorScale tensorScale, DType source);

  /// The scale code this producer stores for a group of zeros.
  int emptyGroupScale();

  /// The code of `w` under a group's scale code.
  int code(float w, int scaleCode, TensorScale tensorScale);
}
