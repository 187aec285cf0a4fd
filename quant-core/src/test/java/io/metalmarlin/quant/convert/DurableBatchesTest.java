package io.metalmarlin.quant.convert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.container.CheckpointWriter;
import io.metalmarlin.quant.job.Journal;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DurableBatchesTest {
  @TempDir Path folder;

  @Test
  void a_batch_is_journalled_in_order_and_only_behind_a_sync() {
    Journal<TensorReport> journal = journal();
    Disk disk = new Disk(() -> {});
    AtomicInteger synced = new AtomicInteger();
    try (DurableBatches durable =
        new DurableBatches(disk, journal, () -> synced.incrementAndGet())) {
      for (int b = 0; b < 20; b++) {
        durable.add(new Journal.Entry<>(b, List.of()));
      }
      durable.drain();
      assertThat(journal.entries()).extracting(Journal.Entry::stage).hasSize(20).isSorted();
      assertThat(disk.syncs).isBetween(1, 20);
    }
    assertThat(synced).hasValue(disk.syncs);
  }

  @Test
  void what_was_finished_before_a_failure_elsewhere_is_made_durable_on_close() {
    Journal<TensorReport> journal = journal();
    try (DurableBatches durable = new DurableBatches(new Disk(() -> {}), journal, () -> {})) {
      durable.add(new Journal.Entry<>(0, List.of()));
      durable.add(new Journal.Entry<>(1, List.of()));
    }
    assertThat(journal.stages()).isEqualTo(2);
  }

  @Test
  void nothing_is_journalled_before_its_sync_has_ended() throws InterruptedException {
    Journal<TensorReport> journal = journal();
    CountDownLatch slow = new CountDownLatch(1);
    try (DurableBatches durable =
        new DurableBatches(
            new Disk(() -> {
              try {
                slow.await();
              } catch (InterruptedException e) {
                throw new IllegalStateException(e);
              }
            }),
            journal,
            () -> {})) {
      durable.add(new Journal.Entry<>(0, List.of()));
      assertThat(journal.stages()).isZero();
      slow.countDown();
      durable.drain();
      assertThat(journal.stages()).isEqualTo(1);
    }
  }

  @Test
  void a_full_disk_is_told_to_whoever_waits_and_is_not_journalled() {
    Journal<TensorReport> journal = journal();
    Disk full =
        new Disk(() -> {
          throw new MarlinException(ErrorCode.DISK_FULL, "out", "the disk is full", "Make room.");
        });
    try (DurableBatches durable = new DurableBatches(full, journal, () -> {})) {
      durable.add(new Journal.Entry<>(0, List.of()));
      assertThatThrownBy(durable::drain).isInstanceOf(MarlinException.class);
      assertThatThrownBy(() -> durable.add(new Journal.Entry<>(1, List.of())))
          .isInstanceOf(MarlinException.class);
    }
    assertThat(journal.stages()).isZero();
  }

  private Journal<TensorReport> journal() {
    return Journal.open(folder.resolve("journal.jsonl"), TensorReport.class);
  }

  private static final class Disk implements CheckpointWriter {
    private final Runnable sync;
    private volatile int syncs;

    Disk(Runnable sync) {
      this.sync = sync;
    }

    @Override
    public void write(String tensor, long offset, MemorySegment bytes) {}

    @Override
    public long place(String tensor) {
      return 0;
    }

    @Override
    public List<Path> files() {
      return List.of();
    }

    @Override
    public long settled(Path file) {
      return 0;
    }

    @Override
    public void sync() {
      sync.run();
      syncs++;
    }

    @Override
    public void commit() {}

    @Override
    public void close() {}
  }
}
