package io.metalmarlin.quant.calibrate;

import org.jspecify.annotations.Nullable;

/// Everything that was collected of one linear input.
///
/// @param statistics of the input behind the quantized prefix
/// @param drift from the input in full precision; null where that was not asked for
public record CollectedInput(InputStatistics statistics, @Nullable InputDrift drift)
    implements AutoCloseable {
  @Override
  public void close() {
    statistics.close();
    if (drift != null) {
      drift.close();
    }
  }
}
