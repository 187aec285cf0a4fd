package io.metalmarlin.runtime.hub;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.container.OutputFailure;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// One file on its way into the cache: locked against other processes, fetched in ranges, checked
/// by size and digest, published by renaming.
final class BlobDownload {
  private static final long FIRST_BYTES = 1 << 16;
  private static final long MOST_HEADER_BYTES = 100_000_000;

  private final Transfer transfer;
  private final HubFile file;
  private final CacheStore store;
  private final AtomicLong counted = new AtomicLong();
  private volatile @Nullable URI direct;

  BlobDownload(Transfer transfer, HubFile file) {
    this.transfer = transfer;
    this.file = file;
    this.store = transfer.store();
  }

  /// Fetches and publishes the file under all of `paths`.
  ///
  /// @param paths in the snapshot
  /// @param pool runs the ranges
  void run(List<String> paths, ExecutorService pool) {
    try (BlobLock lock =
        BlobLock.acquire(
            store.layout().lock(file.etag()),
            stop(),
            () -> transfer.listener().waiting(file.path()))) {
      // The lock is held for its effect.
      boolean made = !store.holds(file, paths);
      if (made) {
        fetch(pool);
        store.publish(file);
      } else {
        transfer.listener().bytes(file.size() - transfer.present(file));
      }
      store.place(file, paths, made);
    } catch (IOException e) {
      throw OutputFailure.of(store.layout().blob(file.etag()), e);
    }
  }

  /// Fetches the beginning, as much as the header of a safetensors file takes.
  ///
  /// @return a file of full length of which only that beginning is there, or the whole file
  Path head() {
    try (BlobLock lock =
        BlobLock.acquire(
            store.layout().lock(file.etag()),
            stop(),
            () -> transfer.listener().waiting(file.path()))) {
      // The lock is held for its effect.
      Path blob = store.layout().blob(file.etag());
      if (Files.exists(blob)) {
        return blob;
      }
      Files.createDirectories(incomplete().getParent());
      RangeJournal journal =
          RangeJournal.open(store.layout().ranges(file.etag()), file, incomplete());
      try (FileChannel data =
          FileChannel.open(
              incomplete(),
              StandardOpenOption.CREATE,
              StandardOpenOption.READ,
              StandardOpenOption.WRITE)) {
        beginning(Math.min(FIRST_BYTES, file.size()), journal, data);
        ByteBuffer length = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        data.read(length, 0);
        long header = Long.BYTES + Math.clamp(length.getLong(0), 0, MOST_HEADER_BYTES);
        beginning(Math.min(header, file.size()), journal, data);
        if (data.size() < file.size()) {
          data.write(ByteBuffer.allocate(1), file.size() - 1);
        }
      }
      return incomplete();
    } catch (RangeIgnored e) {
      throw corrupt("cannot come in parts: the server ignores ranges");
    } catch (IOException e) {
      throw OutputFailure.of(incomplete(), e);
    }
  }

  private void beginning(long bytes, RangeJournal journal, FileChannel data) {
    for (Ranges.Range range : journal.missing(bytes, Long.MAX_VALUE / 2)) {
      new PieceFetch(this, range, data, journal, false).run();
    }
  }

  private void fetch(ExecutorService pool) throws IOException {
    for (int attempt = 1; ; attempt++) {
      fill(pool);
      if (!file.digested()) {
        transfer.listener().unverified(file.path());
        return;
      }
      String digest = Checksum.of(incomplete(), file, stop());
      if (digest.equals(file.etag())) {
        return;
      }
      store.discard(file);
      uncount();
      if (attempt == 2) {
        throw corrupt(
            "has the digest %s after two downloads, the hub lists %s"
                .formatted(digest, file.etag()));
      }
    }
  }

  private void fill(ExecutorService pool) throws IOException {
    Files.createDirectories(incomplete().getParent());
    RangeJournal journal =
        RangeJournal.open(store.layout().ranges(file.etag()), file, incomplete());
    counted.set(journal.bytes());
    try (FileChannel data =
        FileChannel.open(incomplete(), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      try {
        Parallel.run(
            pool,
            stop(),
            journal.missing(file.size(), patience().rangeBytes()).stream()
                .map(range -> new PieceFetch(this, range, data, journal, false))
                .toList());
      } catch (RangeIgnored e) {
        journal.restart();
        uncount();
        Ranges.Range all = new Ranges.Range(0, file.size());
        Parallel.run(pool, stop(), List.of(new PieceFetch(this, all, data, journal, true)));
      }
      data.truncate(file.size());
      data.force(true);
    }
  }

  /// One request for this file, straight to the store behind the hub once its address is known.
  Answer ask(Map<String, String> headers) throws IOException {
    URI known = direct;
    URI address =
        known != null
            ? known
            : transfer.listing().address(transfer.settings(), transfer.name(), file.path());
    Answer answer = transfer.client().send("GET", address, transfer.name(), headers, false);
    if (!answer.hub().map().isEmpty() && answer.headers() != answer.hub()) {
      direct = answer.address();
    }
    return answer;
  }

  /// The address may have expired.
  void forgetAddress() {
    direct = null;
  }

  /// Refuses an answer that is about another file or commit than the list.
  void checkIdentity(Answer answer) {
    Optional<String> commit = answer.hub().firstValue("X-Repo-Commit");
    if (commit.isPresent() && !commit.get().equals(transfer.listing().commit())) {
      throw corrupt(
          "comes from commit %s, %s was asked for"
              .formatted(printable(commit.get()), transfer.listing().commit()));
    }
    Optional<String> etag = answer.etag();
    // A server between us and the hub may have etags of its own kind; those say nothing.
    boolean comparable =
        etag.isPresent()
            && new HubFile(file.path(), 0, etag.get()).digested()
            && etag.get().length() == file.etag().length();
    if (comparable && !etag.get().equals(file.etag())) {
      throw corrupt("has the etag %s, the hub lists %s".formatted(etag.get(), file.etag()));
    }
  }

  void count(long more) {
    counted.addAndGet(more);
    transfer.listener().bytes(more);
  }

  private void uncount() {
    transfer.listener().bytes(-counted.getAndSet(0));
  }

  HubFile file() {
    return file;
  }

  Path incomplete() {
    return store.layout().incomplete(file.etag());
  }

  Patience patience() {
    return transfer.patience();
  }

  Stop stop() {
    return transfer.stop();
  }

  /// For messages.
  String label() {
    return transfer.name().spec() + "/" + file.path();
  }

  /// What came is not what the hub lists.
  MarlinException corrupt(String what) {
    return new MarlinException(
        ErrorCode.DOWNLOAD_CORRUPT,
        label(),
        what,
        "Run the same command again; if it stays so, the server or a proxy in between is at fault.");
  }

  private static String printable(String text) {
    return text.replaceAll("[^\\x20-\\x7e]", "?");
  }
}
