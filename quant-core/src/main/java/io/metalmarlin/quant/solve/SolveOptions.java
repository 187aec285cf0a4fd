package io.metalmarlin.quant.solve;

import io.metalmarlin.formats.scheme.Profile;
import io.metalmarlin.formats.tensor.DType;

/// The choices of a recipe that solvers read.
///
/// @param scales how group scales are chosen
/// @param damping initial damping relative to the mean diagonal of H
/// @param order the column order of error feedback
/// @param profile rounding habits of the output layout: absmax rule, empty groups
/// @param source stored type of the source weights, which some profiles compute in
public record SolveOptions(
    ScaleRule scales, double damping, ColumnOrder order, Profile profile, DType source) {
  /// How the scale of a group is chosen.
  public enum ScaleRule {
    /// The largest value maps to the largest code; bytes equal the peers'.
    ABSMAX,
    /// The storable scale code with the smallest squared error.
    MSE
  }

  /// In which order columns are rounded.
  public enum ColumnOrder {
    NATURAL,
    /// Descending diagonal of H; the stored layout does not change.
    ACT
  }
}
