package io.metalmarlin.runtime.hub;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/// Runs parts side by side and waits for all of them, also after one has failed: each puts down
/// what it has.
final class Parallel {
  private Parallel() {}

  /// @throws RuntimeException the first failure that is not only the echo of another one
  static void run(ExecutorService pool, Stop stop, List<? extends Runnable> parts) {
    List<Future<?>> futures = new ArrayList<>();
    for (Runnable part : parts) {
      futures.add(pool.submit(() -> guarded(stop, part)));
    }
    RuntimeException first = null;
    for (Future<?> future : futures) {
      first = worse(first, failure(future));
    }
    if (first != null) {
      throw first;
    }
  }

  private static void guarded(Stop stop, Runnable part) {
    try {
      stop.check();
      part.run();
    } catch (RangeIgnored e) {
      throw e;
    } catch (RuntimeException | Error e) {
      stop.fail();
      throw e;
    }
  }

  private static @Nullable RuntimeException failure(Future<?> future) {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          future.get();
          return null;
        } catch (InterruptedException e) {
          interrupted = true;
        } catch (ExecutionException e) {
          if (e.getCause() instanceof RuntimeException r) {
            return r;
          }
          throw new IllegalStateException("a part of a download broke", e.getCause());
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static @Nullable RuntimeException worse(
      @Nullable RuntimeException first, @Nullable RuntimeException next) {
    if (first == null || next == null) {
      return first == null ? next : first;
    }
    boolean echo = first instanceof StoppedException || first instanceof RangeIgnored;
    return echo && !(next instanceof RangeIgnored) && !(next instanceof StoppedException)
        ? next
        : first;
  }
}
