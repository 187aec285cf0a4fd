package io.metalmarlin.quant.solve;

/// What `--method` can name: a [Solver] of grids, or [Imatrix] for the block types of ggml.
public interface Method {
  /// What `--method` calls it.
  String name();

  /// Whether it needs the statistics of a linear's input.
  boolean needsStatistics();

  /// What this method chooses where the recipe leaves it open.
  Defaults defaults();

  /// How far it moves weights for the drift of their inputs where the recipe leaves that open:
  /// `none`, `auto` or a share.
  default String drift() {
    return "none";
  }

  /// Whether changes of scale are folded into the weights before an input where the recipe leaves
  /// that open.
  default boolean folds() {
    return false;
  }

  /// A method's own choices.
  ///
  /// @param damping initial damping relative to the mean diagonal of H
  /// @param shrink damping of each diagonal entry of H relative to itself
  /// @param refine cycles of refinement behind error feedback
  /// @param rotates whether the method rotates linear inputs where the target can run it
  record Defaults(
      SolveOptions.ScaleRule scales,
      double damping,
      double shrink,
      SolveOptions.ColumnOrder order,
      int refine,
      boolean rotates) {}
}
