package io.metalmarlin.runtime.hub;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/// An answer that another try may change: 408, 429, 5xx.
final class TransientFailure extends IOException {
  private static final long serialVersionUID = 1L;

  private final transient Optional<Duration> retryAfter;

  TransientFailure(String message, Optional<Duration> retryAfter) {
    super(message);
    this.retryAfter = retryAfter;
  }

  /// How long the server asks to wait.
  Optional<Duration> retryAfter() {
    return retryAfter;
  }
}
