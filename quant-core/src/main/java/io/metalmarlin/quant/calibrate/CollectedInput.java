package io.metalmarlin.quant.calibrate;

import org.jspecify.annotations.Nullable;

/// Everything that was collected of one linear input.
///
/// @param statistics of the input behind the quantized prefix, on all tokens
/// @param drift from the input in full precision, on all tokens that are not held out; null where
///   that was not asked for
/// @param heldOut the others; null where nothing is chosen by them
/// @param ownShare weight of the input's own tokens in the statistics; the rest are those of the
///   other experts, see [ExpertShrinkage]
public record CollectedInput(
    InputStatistics statistics,
    @Nullable InputDrift drift,
    @Nullable HeldOut heldOut,
    double ownShare)
    implements AutoCloseable {
  /// Without drift.
  public static CollectedInput of(InputStatistics statistics, double ownShare) {
    return new CollectedInput(statistics, null, null, ownShare);
  }

  @Override
  public void close() {
    statistics.close();
    if (drift != null) {
      drift.close();
    }
    if (heldOut != null) {
      heldOut.close();
    }
  }
}
