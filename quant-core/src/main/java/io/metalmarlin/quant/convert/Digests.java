package io.metalmarlin.quant.convert;

import io.metalmarlin.formats.container.Checkpoint;
import io.metalmarlin.formats.container.FileDigest;
import io.metalmarlin.quant.plan.SourceCheck;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.Stream;

/// The sha256 of files, found on threads of their own while other work goes on and the files are
/// still in the page cache. One file is one thread's work: the digest knows no parts.
final class Digests {
  /// More would read far ahead of the conversion, and a large file twice from the disk.
  private static final int MOST = 4;

  private final List<CompletableFuture<SourceCheck.SourceFile>> running;

  private Digests(List<CompletableFuture<SourceCheck.SourceFile>> running) {
    this.running = running;
  }

  /// Of a checkpoint's files; one that knows them is not read.
  static Digests start(Checkpoint checkpoint, int threads) {
    List<Path> files = checkpoint.files();
    List<SourceCheck.SourceFile> known =
        files.stream()
            .flatMap(f -> checkpoint.digest(f).map(d -> new SourceCheck.SourceFile(f, d)).stream())
            .toList();
    return known.size() == files.size()
        ? new Digests(known.stream().map(CompletableFuture::completedFuture).toList())
        : start(files, threads, FileDigest::of);
  }

  /// @param threads at most so many files are read at a time
  /// @param read finds the digest of one
  static Digests start(List<Path> files, int threads, Function<Path, FileDigest> read) {
    List<CompletableFuture<SourceCheck.SourceFile>> futures =
        Stream.generate(() -> new CompletableFuture<SourceCheck.SourceFile>())
            .limit(files.size())
            .toList();
    AtomicInteger next = new AtomicInteger();
    for (int t = 0; t < Math.min(Math.min(threads, MOST), files.size()); t++) {
      Thread.ofPlatform()
          .daemon()
          .name("marlin-digest-" + t)
          .start(() -> {
            for (int i = next.getAndIncrement(); i < files.size(); i = next.getAndIncrement()) {
              find(files.get(i), read, futures.get(i));
            }
          });
    }
    return new Digests(futures);
  }

  private static void find(
      Path file,
      Function<Path, FileDigest> read,
      CompletableFuture<SourceCheck.SourceFile> result) {
    try {
      result.complete(new SourceCheck.SourceFile(file, read.apply(file)));
    } catch (Throwable e) {
      // Errors too: whoever joins would wait for ever.
      result.completeExceptionally(e);
    }
  }

  /// Waits for them; in the order of the files.
  ///
  /// @throws io.metalmarlin.formats.MarlinException `FILE_UNREADABLE`
  List<SourceCheck.SourceFile> join() {
    try {
      return running.stream().map(CompletableFuture::join).toList();
    } catch (CompletionException e) {
      switch (e.getCause()) {
        case RuntimeException cause -> throw cause;
        case Error cause -> throw cause;
        case null, default -> throw e;
      }
    }
  }
}
