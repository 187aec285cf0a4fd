package io.metalmarlin.quant.report;

import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;

/// What happened to one matrix.
///
/// @param action `quantize`, or what `convert` did
/// @param from how it was stored; empty where that was not recorded
/// @param to how it is stored
/// @param elements numbers in it
/// @param bits per number, scales included
/// @param error relative, in the report's own measure; empty where it was not finite
/// @param hessianError relative, weighted by the calibration tokens; empty without calibration
/// @param ulps the most that a number differs in its last bits because a tensor scale became its
///   reciprocal
/// @param solve how it was solved; empty for what `convert` did
public record Weight(
    String name,
    String action,
    Optional<String> from,
    String to,
    long elements,
    OptionalDouble bits,
    OptionalLong sourceBytes,
    OptionalLong outputBytes,
    OptionalDouble error,
    OptionalDouble hessianError,
    int ulps,
    Optional<Solve> solve) {
  /// Where it stands in the model.
  public ModulePlace place() {
    return ModulePlace.of(name);
  }

  /// How a matrix was solved.
  ///
  /// @param cols its inputs
  /// @param tokens calibration tokens that reached it; 0 without calibration
  /// @param ownShare how much of its statistics these tokens are; empty where not recorded
  /// @param fallback what stood in for the method
  /// @param damping that was used in the end, raised `retries` times
  /// @param deadColumns inputs that were never active
  /// @param drift how much of its input's drift it makes up for
  /// @param fold the change of scale that was folded into its input; empty for none
  /// @param transform of its input; empty for none
  public record Solve(
      String method,
      long cols,
      long tokens,
      OptionalDouble ownShare,
      Optional<String> fallback,
      double damping,
      int retries,
      OptionalInt deadColumns,
      OptionalDouble drift,
      Optional<String> fold,
      Optional<String> transform,
      double seconds) {}
}
