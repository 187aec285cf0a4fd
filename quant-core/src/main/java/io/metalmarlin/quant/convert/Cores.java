package io.metalmarlin.quant.convert;

import java.util.concurrent.Semaphore;

/// How many threads may compute at a time, whatever they do. Who sums a file keeps its place as
/// long as there are bytes, for a digest knows no parts and would be what all wait for in the end;
/// who moves bytes gives it back after each piece.
final class Cores {
  /// In the order of asking, so that a digest waits for one piece at most.
  private final Semaphore free;

  Cores(int threads) {
    this.free = new Semaphore(threads, true);
  }

  /// Waits for a place.
  void take() {
    free.acquireUninterruptibly();
  }

  void give() {
    free.release();
  }

  /// Lets those that wait go first.
  void pass() {
    give();
    take();
  }

  /// Runs a piece of work in a place of its own.
  void run(Runnable piece) {
    take();
    try {
      piece.run();
    } finally {
      give();
    }
  }
}
