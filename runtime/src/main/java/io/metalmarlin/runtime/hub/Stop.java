package io.metalmarlin.runtime.hub;

import java.util.function.BooleanSupplier;

/// Whether a download should end: the user stopped it, or a part of it failed.
final class Stop {
  private final String spec;
  private final BooleanSupplier cancelled;
  private volatile boolean failed;

  /// @param spec what is downloaded, as the user wrote it
  Stop(String spec, BooleanSupplier cancelled) {
    this.spec = spec;
    this.cancelled = cancelled;
  }

  /// A part failed: the others end as soon as they can, keeping what they have.
  void fail() {
    failed = true;
  }

  boolean asked() {
    return failed || cancelled.getAsBoolean();
  }

  /// @throws StoppedException when the download should end
  void check() {
    if (asked()) {
      throw new StoppedException(spec);
    }
  }
}
