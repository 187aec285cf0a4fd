package io.metalmarlin.quant.convert;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.Stream;

/// The sums of files, found on threads of their own while other work goes on and the files are
/// still in the page cache. One file is one thread's work: a digest knows no parts.
///
/// @param <T> what is found of a file
final class Digests<T> {
  /// More would read far ahead of the conversion, and a large file twice from the disk.
  private static final int MOST = 4;

  private final List<CompletableFuture<T>> running;

  private Digests(List<CompletableFuture<T>> running) {
    this.running = running;
  }

  /// @param threads at most so many files are read at a time
  /// @param cores a place there is held while one is read
  /// @param read finds the sum of one
  static <T> Digests<T> start(List<Path> files, int threads, Cores cores, Function<Path, T> read) {
    List<CompletableFuture<T>> futures =
        Stream.generate(() -> new CompletableFuture<T>()).limit(files.size()).toList();
    AtomicInteger next = new AtomicInteger();
    for (int t = 0; t < Math.min(Math.min(threads, MOST), files.size()); t++) {
      Thread.ofPlatform()
          .daemon()
          .name("marlin-digest-" + t)
          .start(() -> {
            for (int i = next.getAndIncrement(); i < files.size(); i = next.getAndIncrement()) {
              Path file = files.get(i);
              CompletableFuture<T> result = futures.get(i);
              cores.run(() -> find(file, read, result));
            }
          });
    }
    return new Digests<>(futures);
  }

  private static <T> void find(Path file, Function<Path, T> read, CompletableFuture<T> result) {
    try {
      result.complete(read.apply(file));
    } catch (Throwable e) {
      // Errors too: whoever joins would wait for ever.
      result.completeExceptionally(e);
    }
  }

  /// Waits for them; in the order of the files.
  ///
  /// @throws io.metalmarlin.formats.MarlinException `FILE_UNREADABLE`
  List<T> join() {
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
