package io.metalmarlin.runtime.blas;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/// A fixed number of platform threads that share numbered pieces of work, the calling one among
/// them. Nothing waits for a helper that has not woken up before the work was done.
///
/// The pieces are cut by the caller, never by the number of threads, so results cannot depend on
/// it. One caller at a time.
public final class Workers implements AutoCloseable {
  private final int threads;
  private final boolean spins;
  private final List<Helper> helpers = new ArrayList<>();
  private volatile @Nullable SharedWork current;
  private volatile boolean closed;

  public Workers(int threads) {
    if (threads < 1) {
      throw new IllegalArgumentException("threads " + threads);
    }
    this.threads = threads;
    // A thread that looks out for work on a processor that another one needs holds up both.
    this.spins = threads <= Runtime.getRuntime().availableProcessors();
    for (int i = 1; i < threads; i++) {
      helpers.add(new Helper(i));
    }
    helpers.forEach(h -> h.thread.start());
  }

  public int threads() {
    return threads;
  }

  /// The threads beside the calling one.
  List<Thread> helpers() {
    return helpers.stream().map(h -> h.thread).toList();
  }

  /// Runs `piece` for 0 .. count-1, in any order, and waits. The first failure is thrown after all
  /// running pieces have ended.
  public void run(int count, IntConsumer piece) {
    run(count, piece, false);
  }

  /// [#run] for work of microseconds that more such work follows at once, as the products of a
  /// token do: whoever runs out of pieces looks out for more for a moment before it goes to sleep,
  /// because waking it up takes longer than the work.
  public void runBrief(int count, IntConsumer piece) {
    run(count, piece, spins);
  }

  private void run(int count, IntConsumer piece, boolean brief) {
    if (threads == 1 || count <= 1) {
      for (int i = 0; i < count; i++) {
        piece.accept(i);
      }
      return;
    }
    SharedWork work = new SharedWork(count, piece, threads, brief);
    current = work;
    for (int i = 0; i < Math.min(helpers.size(), count - 1); i++) {
      helpers.get(i).sleeper.wake();
    }
    work.share(0);
    work.await();
    current = null;
    work.rethrow();
  }

  @Override
  public void close() {
    closed = true;
    helpers.forEach(h -> h.sleeper.wake());
  }

  private final class Helper implements Runnable {
    private final int index;
    private final Thread thread;
    private final Sleeper sleeper;

    Helper(int index) {
      this.index = index;
      thread = Thread.ofPlatform().daemon().name("marlin-worker-" + index).unstarted(this);
      sleeper = new Sleeper(thread);
    }

    @Override
    public void run() {
      SharedWork last = null;
      while (!closed) {
        SharedWork work = current;
        if (work != null && work != last) {
          work.share(index);
          last = work;
        } else {
          SharedWork done = last;
          sleeper.sleepUntil(
              () -> closed || current != null && current != done, done != null && done.brief());
        }
      }
    }
  }
}
