package io.metalmarlin.quant.solve;

/// What happened while the columns were prepared.
///
/// @param deadColumns inputs that were never active in calibration; their weights are rounded alone
/// @param dampingRetries how often the damping was doubled before the factorisation succeeded
/// @param damping the damping finally used, relative to the mean diagonal of H
public record SolveEvents(int deadColumns, int dampingRetries, double damping) {
  public static final SolveEvents NONE = new SolveEvents(0, 0, 0);
}
