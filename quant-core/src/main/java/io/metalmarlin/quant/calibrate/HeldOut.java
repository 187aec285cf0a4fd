package io.metalmarlin.quant.calibrate;

/// One linear input over calibration tokens that are kept back to choose by.
///
/// @param statistics of the input behind the quantized prefix, on these tokens alone
/// @param drift likewise
public record HeldOut(InputStatistics statistics, InputDrift drift) implements AutoCloseable {
  /// One micro-batch in so many is kept back.
  private static final int EVERY = 5;

  /// Whether a micro-batch is kept back: every fifth, or the last of fewer. A single one never is.
  public static boolean keeps(int batch, int batches) {
    return batches < EVERY ? batches > 1 && batch == batches - 1 : batch % EVERY == EVERY - 1;
  }

  @Override
  public void close() {
    statistics.close();
    drift.close();
  }
}
