package io.metalmarlin.quant.convert;

import io.metalmarlin.formats.container.CheckpointWriter;
import io.metalmarlin.quant.job.Journal;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Makes finished batches durable on a thread of its own, in their order: forces the files to the
/// disk, then appends the journal's lines. The next batches are made meanwhile; one force serves
/// all that wait, and no more than a few may.
final class DurableBatches implements AutoCloseable {
  private static final int WAITING = 4;

  private final CheckpointWriter writer;
  private final Journal<TensorReport> journal;
  private final Runnable synced;
  private final Deque<Journal.Entry<TensorReport>> waiting = new ArrayDeque<>();
  private final Thread thread;
  private boolean ended;
  private @Nullable Throwable failure;

  /// @param synced called when the disk has what was written before
  DurableBatches(CheckpointWriter writer, Journal<TensorReport> journal, Runnable synced) {
    this.writer = writer;
    this.journal = journal;
    this.synced = synced;
    this.thread = Thread.ofPlatform().daemon().name("marlin-durable").start(this::loop);
  }

  /// A batch whose bytes are all written.
  ///
  /// @throws io.metalmarlin.formats.MarlinException what went wrong with an earlier one
  synchronized void add(Journal.Entry<TensorReport> batch) {
    await(WAITING - 1);
    waiting.addLast(batch);
    notifyAll();
  }

  /// Waits until every batch is durable.
  ///
  /// @throws io.metalmarlin.formats.MarlinException what went wrong with one
  synchronized void drain() {
    await(0);
  }

  private void await(int most) {
    while (failure == null && waiting.size() > most) {
      try {
        wait();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("interrupted", e);
      }
    }
    switch (failure) {
      case RuntimeException e -> throw e;
      case Error e -> throw e;
      case null -> {}
      default -> throw new IllegalStateException(failure);
    }
  }

  private void loop() {
    try {
      for (List<Journal.Entry<TensorReport>> all = next(); !all.isEmpty(); all = next()) {
        writer.sync();
        all.forEach(journal::append);
        done(all.size());
        synced.run();
      }
    } catch (Throwable e) {
      // Errors too: whoever waits would wait for ever.
      fail(e);
    }
  }

  private synchronized List<Journal.Entry<TensorReport>> next() throws InterruptedException {
    while (waiting.isEmpty() && !ended) {
      wait();
    }
    return List.copyOf(waiting);
  }

  private synchronized void done(int batches) {
    for (int i = 0; i < batches; i++) {
      waiting.removeFirst();
    }
    notifyAll();
  }

  private synchronized void fail(Throwable e) {
    failure = e;
    notifyAll();
  }

  /// Ends after the batches that wait.
  @Override
  public void close() {
    synchronized (this) {
      ended = true;
      notifyAll();
    }
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
