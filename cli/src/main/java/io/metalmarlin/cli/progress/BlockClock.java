package io.metalmarlin.cli.progress;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;

/// Remaining time from measured blocks: median block time x blocks left, less what the current
/// block has already used. Before the first block of this run is done, the plan's estimate stands
/// in, marked as such by [#measured].
final class BlockClock {
  private final List<Double> seconds = new ArrayList<>();
  private final double estimate;
  private final double begin;
  private double blockBegin;
  private int left;

  /// @param estimate seconds the plan expects for the whole job
  /// @param now seconds on any clock that only goes forward
  BlockClock(double estimate, double now) {
    this.estimate = estimate;
    this.begin = now;
    this.blockBegin = now;
  }

  void blockStarted(int block, int blocks, double now) {
    blockBegin = now;
    left = blocks - block;
  }

  void blockDone(double now) {
    seconds.add(now - blockBegin);
    blockBegin = now;
    left--;
  }

  boolean measured() {
    return !seconds.isEmpty();
  }

  double lastBlock() {
    return seconds.getLast();
  }

  /// Seconds since the clock was made.
  double elapsed(double now) {
    return now - begin;
  }

  /// Seconds until the last block is done, never negative; empty after it, and when neither a block
  /// nor an estimate is known.
  OptionalDouble remaining(double now) {
    if (measured()) {
      return left > 0
          ? OptionalDouble.of(Math.max(0, median() * left - (now - blockBegin)))
          : OptionalDouble.empty();
    }
    return Double.isFinite(estimate) && estimate > 0
        ? OptionalDouble.of(Math.max(0, estimate - elapsed(now)))
        : OptionalDouble.empty();
  }

  private double median() {
    double[] sorted = seconds.stream().mapToDouble(Double::doubleValue).toArray();
    Arrays.sort(sorted);
    int mid = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[mid] : (sorted[mid - 1] + sorted[mid]) / 2;
  }
}
