package io.metalmarlin.quant.solve;

import io.metalmarlin.formats.scheme.GroupScheme;
import io.metalmarlin.formats.scheme.Profile;
import io.metalmarlin.formats.tensor.DType;

/// The choices of a recipe that solvers read.
///
/// @param scales how group scales are chosen
/// @param damping initial damping relative to the mean diagonal of H
/// @param shrink damping of each diagonal entry of H relative to itself
/// @param order the column order of error feedback
/// @param refine cycles of refinement behind error feedback
/// @param profile rounding habits of the output layout: absmax rule, empty groups
/// @param source stored type of the source weights, which some profiles compute in
public record SolveOptions(
    ScaleRule scales,
    double damping,
    double shrink,
    ColumnOrder order,
    int refine,
    Profile profile,
    DType source) {
  /// Without shrinking and refinement.
  public SolveOptions(
      ScaleRule scales, double damping, ColumnOrder order, Profile profile, DType source) {
    this(scales, damping, 0, order, 0, profile, source);
  }

  /// Whether the scales of a scheme can be chosen by replay: groups of one row and few columns.
  ///
  /// @param groupSize columns of a group
  public static boolean replays(GroupScheme scheme, int groupSize) {
    return scheme.groupRows() == 1 && groupSize <= Cuts.WIDEST_GROUP;
  }

  /// How the scale of a group is chosen.
  public enum ScaleRule {
    /// The largest value maps to the largest code; bytes equal the peers'.
    ABSMAX,
    /// The storable scale code with the smallest squared error.
    MSE,
    /// The storable scale whose codes, rounded one after the other with feedback inside the group,
    /// add least to the loss ([ScaleReplay]); as `MSE` where groups are too wide for that.
    REPLAY,
    /// A multiple of the group's root mean square: for trellis codes, and nothing else for them.
    SPREAD
  }

  /// In which order columns are rounded.
  public enum ColumnOrder {
    NATURAL,
    /// Descending diagonal of H; the stored layout does not change.
    ACT,
    /// Groups by descending mean diagonal of H and the columns inside a group by descending
    /// diagonal, so that a group stays together; the stored layout does not change.
    GAR
  }
}
