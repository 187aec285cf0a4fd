package io.metalmarlin.runtime.hub;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RangeJournalTest {
  private static final int ROUNDS = 3000;

  @TempDir private Path cache;

  /// The other process holds the lock; this one only asks how much it need not fetch.
  @Test
  void a_journal_that_another_process_deletes_counts_as_none() throws Exception {
    HubFile file = new HubFile("model.safetensors", 1000, "e".repeat(64));
    CacheLayout layout = new CacheLayout(cache, RepositoryName.parse("org/name").orElseThrow());
    Files.createDirectories(layout.incomplete(file.etag()).getParent());
    Files.createFile(layout.incomplete(file.etag()));
    AtomicBoolean done = new AtomicBoolean();
    CompletableFuture<Void> other =
        CompletableFuture.runAsync(() -> {
          while (!done.get()) {
            publishOnce(layout, file);
          }
        });
    try {
      for (int i = 0; i < ROUNDS; i++) {
        assertThat(RangeJournal.bytesOf(layout, file)).isIn(0L, 10L);
      }
    } finally {
      done.set(true);
      other.join();
    }
  }

  private static void publishOnce(CacheLayout layout, HubFile file) {
    try {
      RangeJournal journal =
          RangeJournal.open(layout.ranges(file.etag()), file, layout.incomplete(file.etag()));
      journal.add(5, 15);
      Files.delete(layout.ranges(file.etag()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
