package io.metalmarlin.runtime.blas;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/// A fixed number of platform threads that share numbered pieces of work, the calling one among
/// them. Decoding shares out hundreds of small products a token, so nothing waits for a helper that
/// has not woken up before the work was done, and nobody spins.
///
/// The pieces are cut by the caller, never by the number of threads, so results cannot depend on
/// it. One caller at a time.
public final class Workers implements AutoCloseable {
  private final int threads;
  private final List<Thread> helpers = new ArrayList<>();
  private volatile @Nullable Shared current;
  private volatile boolean closed;

  public Workers(int threads) {
    if (threads < 1) {
      throw new IllegalArgumentException("threads " + threads);
    }
    this.threads = threads;
    for (int i = 1; i < threads; i++) {
      helpers.add(Thread.ofPlatform().daemon().name("marlin-worker-" + i).unstarted(this::help));
    }
    helpers.forEach(Thread::start);
  }

  public int threads() {
    return threads;
  }

  /// Runs `piece` for 0 .. count-1, in any order, and waits. The first failure is thrown after all
  /// running pieces have ended.
  public void run(int count, IntConsumer piece) {
    if (threads == 1 || count <= 1) {
      for (int i = 0; i < count; i++) {
        piece.accept(i);
      }
      return;
    }
    Shared work = new Shared(count, piece, Thread.currentThread());
    current = work;
    for (int i = 0; i < Math.min(helpers.size(), count - 1); i++) {
      LockSupport.unpark(helpers.get(i));
    }
    work.share();
    work.await();
    current = null;
    work.rethrow();
  }

  private void help() {
    Shared last = null;
    while (!closed) {
      Shared work = current;
      if (work == null || work == last) {
        LockSupport.park(this);
      } else {
        work.share();
        last = work;
      }
    }
  }

  @Override
  public void close() {
    closed = true;
    helpers.forEach(LockSupport::unpark);
  }

  /// The pieces of one call.
  private static final class Shared {
    private final int count;
    private final IntConsumer piece;
    private final Thread caller;
    private final AtomicInteger next = new AtomicInteger();
    private final AtomicInteger left;
    private volatile @Nullable Throwable failure;

    Shared(int count, IntConsumer piece, Thread caller) {
      this.count = count;
      this.piece = piece;
      this.caller = caller;
      this.left = new AtomicInteger(count);
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
            LockSupport.unpark(caller);
          }
        }
      }
    }

    /// Waits for pieces that others have taken. An interruption is kept for later: pieces write to
    /// memory that the caller owns.
    void await() {
      boolean interrupted = false;
      while (left.get() > 0) {
        LockSupport.park(this);
        interrupted |= Thread.interrupted();
      }
      if (interrupted) {
        caller.interrupt();
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
}
