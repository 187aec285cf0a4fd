package io.metalmarlin.quant.plan;

/// How work is cut. The cuts decide rounding, so they are fixed and never follow the number of
/// threads.
public final class Tiling {
  /// Calibration tokens that go through a block at once, unless one sequence is longer. Enough for
  /// the matrix products to run at full rate, few enough for activations to stay small.
  public static final int MICRO_BATCH = 1024;

  /// Weight rows a worker solves at a time.
  public static final int ROWS = 256;

  private Tiling() {}
}
