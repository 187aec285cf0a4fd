package io.metalmarlin.runtime.blas;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/// The pieces of one call to [Workers].
final class SharedWork {
  private final int count;
  private final IntConsumer piece;
  private final boolean brief;
  private final Sleeper caller = new Sleeper(Thread.currentThread());
  private final AtomicInteger next = new AtomicInteger();
  private final AtomicInteger left;
  private volatile @Nullable Throwable failure;

  /// @param brief whether to look out for the end, and for more work, before going to sleep
  SharedWork(int count, IntConsumer piece, boolean brief) {
    this.count = count;
    this.piece = piece;
    this.brief = brief;
    this.left = new AtomicInteger(count);
  }

  boolean brief() {
    return brief;
  }

  /// Takes pieces until none is left; after a failure they are only counted.
  void share() {
    for (int i = next.getAndIncrement(); i < count; i = next.getAndIncrement()) {
      try {
        if (failure == null) {
          piece.accept(i);
        }
      } catch (Throwable t) {
        failure = t;
      } finally {
        if (left.decrementAndGet() == 0) {
          caller.wake();
        }
      }
    }
  }

  /// Waits for pieces that others have taken. An interruption is kept for later: pieces write to
  /// memory that the caller owns.
  void await() {
    boolean interrupted = false;
    while (left.get() > 0) {
      caller.sleepUntil(() -> left.get() == 0, brief);
      interrupted |= Thread.interrupted();
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  void rethrow() {
    switch (failure) {
      case null -> {}
      case RuntimeException e -> throw e;
      case Error e -> throw e;
      case Throwable t -> throw new IllegalStateException(t);
    }
  }
}
