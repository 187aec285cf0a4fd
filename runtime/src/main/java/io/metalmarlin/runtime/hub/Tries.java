package io.metalmarlin.runtime.hub;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;
import javax.net.ssl.SSLException;

/// Counts failures in a row, and pauses between them: exponentially longer, with jitter so that
/// parallel requests do not come back together, or as long as the server asks.
final class Tries {
  private static final int CHECKS_PER_SECOND = 10;

  private final String what;
  private final Patience patience;
  private final Stop stop;
  private int failures;

  /// @param what is fetched, for messages
  Tries(String what, Patience patience, Stop stop) {
    this.what = what;
    this.patience = patience;
    this.stop = stop;
  }

  /// New bytes came: failures before them no longer count.
  void progressed() {
    failures = 0;
  }

  /// Returns after the pause before the next try.
  ///
  /// @throws MarlinException `NETWORK_FAILED` when there is no next try
  /// @throws StoppedException when the user stops during the pause
  void failed(IOException e) {
    stop.check();
    failures++;
    if (failures >= patience.tries() || e instanceof SSLException) {
      throw given(e, failures == 1 ? "" : " (" + failures + " tries in a row without a new byte)");
    }
    Optional<Duration> asked = e instanceof TransientFailure t ? t.retryAfter() : Optional.empty();
    if (asked.isPresent() && asked.get().compareTo(patience.longestRequest()) > 0) {
      throw given(e, "; it asks to wait " + asked.get().toSeconds() + " s");
    }
    pause(asked.orElseGet(this::backoff));
  }

  private Duration backoff() {
    double longest =
        Math.min(
            patience.longestPause().toMillis(),
            patience.firstPause().toMillis() * Math.pow(2, failures - 1.0));
    return Duration.ofMillis(
        (long) (longest * (0.5 + ThreadLocalRandom.current().nextDouble() / 2)));
  }

  private void pause(Duration length) {
    long end = System.nanoTime() + length.toNanos();
    while (System.nanoTime() < end) {
      stop.check();
      LockSupport.parkNanos(
          Math.min(end - System.nanoTime(), Duration.ofSeconds(1).toNanos() / CHECKS_PER_SECOND));
    }
    stop.check();
  }

  private MarlinException given(IOException e, String note) {
    String reason = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    return new MarlinException(
        ErrorCode.NETWORK_FAILED,
        what,
        "could not be fetched: " + reason + note,
        "Check the network and HF_ENDPOINT, and run the same command again; what was fetched is kept.",
        e);
  }
}
