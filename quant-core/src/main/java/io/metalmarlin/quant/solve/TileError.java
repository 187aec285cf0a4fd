package io.metalmarlin.quant.solve;

/// Error sums of solved rows: short runs in single precision, their totals in double; add tiles in
/// row order.
///
/// @param squared sum of (decoded - weight)^2
/// @param weightSquared sum of weight^2
/// @param hessian `tr((Q-W) H (Q-W)')` with the undamped H; 0 without statistics
/// @param weightHessian `tr(W H W')`; 0 without statistics
public record TileError(
    double squared, double weightSquared, double hessian, double weightHessian) {
  public static final TileError ZERO = new TileError(0, 0, 0, 0);

  public TileError plus(TileError o) {
    return new TileError(
        squared + o.squared,
        weightSquared + o.weightSquared,
        hessian + o.hessian,
        weightHessian + o.weightHessian);
  }
}
