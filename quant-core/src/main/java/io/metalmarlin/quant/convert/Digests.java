package io.metalmarlin.quant.convert;

import io.metalmarlin.quant.plan.SourceCheck;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/// The sha256 of the source's files, found on a thread of its own while they are converted and
/// still in the page cache.
final class Digests {
  private final CompletableFuture<List<SourceCheck.SourceFile>> running;

  private Digests(CompletableFuture<List<SourceCheck.SourceFile>> running) {
    this.running = running;
  }

  static Digests start(List<Path> files) {
    CompletableFuture<List<SourceCheck.SourceFile>> future = new CompletableFuture<>();
    Thread.ofPlatform()
        .daemon()
        .name("marlin-digest")
        .start(() -> {
          try {
            future.complete(SourceCheck.digests(files));
          } catch (Throwable e) {
            // Errors too: whoever joins would wait for ever.
            future.completeExceptionally(e);
          }
        });
    return new Digests(future);
  }

  /// Waits for them.
  ///
  /// @throws io.metalmarlin.formats.MarlinException `FILE_UNREADABLE`
  List<SourceCheck.SourceFile> join() {
    try {
      return running.join();
    } catch (CompletionException e) {
      switch (e.getCause()) {
        case RuntimeException cause -> throw cause;
        case Error cause -> throw cause;
        case null, default -> throw e;
      }
    }
  }
}
