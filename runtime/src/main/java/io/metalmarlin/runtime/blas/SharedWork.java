package io.metalmarlin.runtime.blas;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/// The pieces of one call to [Workers].
///
/// Each thread begins with a run of neighbouring pieces of its own and helps with those of others
/// when it is done: a thread that reads on where it stopped gets a quarter more bytes a second out
/// of memory than two that take turns.
final class SharedWork {
  private final IntConsumer piece;
  private final boolean brief;
  private final Sleeper caller = new Sleeper(Thread.currentThread());
  private final Run[] runs;
  private final AtomicInteger left;
  private volatile @Nullable Throwable failure;

  /// Pieces from `next` on to `end`.
  private record Run(AtomicInteger next, int end) {}

  /// @param threads how many may share the pieces
  /// @param brief whether to look out for the end, and for more work, before going to sleep
  SharedWork(int count, IntConsumer piece, int threads, boolean brief) {
    this.runs = new Run[threads];
    for (int t = 0; t < threads; t++) {
      runs[t] = new Run(new AtomicInteger(first(count, t, threads)), first(count, t + 1, threads));
    }
    this.piece = piece;
    this.brief = brief;
    this.left = new AtomicInteger(count);
  }

  boolean brief() {
    return brief;
  }

  private static int first(int count, int thread, int threads) {
    return (int) ((long) count * thread / threads);
  }

  /// Takes pieces until none is left; after a failure they are only counted.
  ///
  /// @param thread which of the threads this is, from 0
  void share(int thread) {
    for (int i = 0; i < runs.length; i++) {
      Run run = runs[(thread + i) % runs.length];
      for (int p = run.next.getAndIncrement(); p < run.end; p = run.next.getAndIncrement()) {
        one(p);
      }
    }
  }

  private void one(int index) {
    try {
      if (failure == null) {
        piece.accept(index);
      }
    } catch (Throwable t) {
      failure = t;
    } finally {
      if (left.decrementAndGet() == 0) {
        caller.wake();
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
