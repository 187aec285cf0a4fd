package io.metalmarlin.quant.convert;

import java.lang.foreign.SegmentAllocator;
import java.util.Deque;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.Semaphore;
import java.util.function.Function;

/// Memory for the copies of the modules in flight. It is used again and again, because the first
/// touch of fresh memory costs more than the copy into it; who wants more than is free waits, so
/// that the sum is bounded whatever the number of workers.
final class ScratchPool implements AutoCloseable {
  private static final long PER_WORKER = 64L << 20;
  private static final long LEAST = 256L << 20;
  private static final int UNIT_SHIFT = 20;

  private final int units;
  private final long kept;
  private final Semaphore free;
  private final Deque<Scratch> idle = new ConcurrentLinkedDeque<>();

  ScratchPool(int workers) {
    long limit = Math.max(LEAST, workers * PER_WORKER);
    units = (int) (limit >> UNIT_SHIFT);
    kept = limit / workers;
    free = new Semaphore(units, true);
  }

  /// Runs `work` with memory that is its own until it returns, and not zeroed.
  ///
  /// @param bytes an upper bound of what it will allocate; more than the pool has is lent to one at
  ///   a time
  <T> T lend(long bytes, Function<SegmentAllocator, T> work) {
    int wanted = (int) Math.min(units, (bytes >> UNIT_SHIFT) + 1);
    free.acquireUninterruptibly(wanted);
    try {
      Scratch scratch = idle.pollFirst();
      scratch = scratch == null ? new Scratch() : scratch;
      try {
        return work.apply(scratch);
      } finally {
        scratch.reset(kept);
        idle.addFirst(scratch);
      }
    } finally {
      free.release(wanted);
    }
  }

  @Override
  public void close() {
    idle.forEach(Scratch::close);
    idle.clear();
  }
}
