package io.metalmarlin.runtime.hub;

import java.time.Duration;

/// How downloads are cut into requests, and how long a bad network is put up with.
///
/// @param connections files or ranges fetched at the same time
/// @param rangeBytes the most that one request asks for, and the most that a cut can lose
/// @param silence how long a connection may send nothing
/// @param tries requests in a row that may fail without one new byte
/// @param firstPause before the second try; doubles with each further one
/// @param longestPause of our own choosing
/// @param longestRequest the longest pause a server may ask for
public record Patience(
    int connections,
    long rangeBytes,
    Duration silence,
    int tries,
    Duration firstPause,
    Duration longestPause,
    Duration longestRequest) {
  public static final Patience DEFAULT =
      new Patience(
          4,
          64L << 20,
          Duration.ofSeconds(30),
          6,
          Duration.ofMillis(500),
          Duration.ofSeconds(30),
          Duration.ofMinutes(5));
}
