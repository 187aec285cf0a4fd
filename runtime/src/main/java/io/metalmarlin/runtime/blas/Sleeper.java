package io.metalmarlin.runtime.blas;

import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/// A thread that waits for something others bring about. They change what it looks at first, then
/// call [#wake], which costs next to nothing while it is awake.
final class Sleeper {
  /// How long to look before sleeping: most of what one thread does alone between two products of a
  /// token takes less, waking up takes about as long.
  private static final long LOOK_NANOS = 50_000;

  // Reading the clock takes as long as this many looks.
  private static final int LOOKS = 16;

  private final Thread thread;
  private volatile boolean sleeps;

  /// @param thread the one that calls [#sleepUntil]
  Sleeper(Thread thread) {
    this.thread = thread;
  }

  /// Returns when the condition holds, or earlier, as a park does.
  ///
  /// @param look whether to look for a moment before sleeping
  void sleepUntil(BooleanSupplier condition, boolean look) {
    if (look && appears(condition)) {
      return;
    }
    sleeps = true;
    // Whoever changes the condition after this look sees that the thread sleeps.
    if (!condition.getAsBoolean()) {
      LockSupport.park(this);
    }
    sleeps = false;
  }

  private static boolean appears(BooleanSupplier condition) {
    long start = System.nanoTime();
    do {
      for (int i = 0; i < LOOKS; i++) {
        if (condition.getAsBoolean()) {
          return true;
        }
        Thread.onSpinWait();
      }
    } while (System.nanoTime() - start < LOOK_NANOS);
    return false;
  }

  void wake() {
    if (sleeps) {
      LockSupport.unpark(thread);
    }
  }
}
