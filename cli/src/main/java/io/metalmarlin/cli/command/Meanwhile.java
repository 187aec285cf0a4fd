package io.metalmarlin.cli.command;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;

/// Something that a thread of its own reads while the caller does something else. Closing waits
/// until it has ended, so that what it reads from may be closed.
final class Meanwhile<T> implements AutoCloseable {
  private final CompletableFuture<T> result = new CompletableFuture<>();

  Meanwhile(String name, Supplier<T> work) {
    Thread.ofPlatform()
        .daemon()
        .name(name)
        .start(() -> {
          try {
            result.complete(work.get());
          } catch (Throwable t) {
            result.completeExceptionally(t);
          }
        });
  }

  /// Waits for it.
  ///
  /// @throws RuntimeException what the work has thrown
  T get() {
    try {
      return result.join();
    } catch (CompletionException e) {
      switch (e.getCause()) {
        case RuntimeException cause -> throw cause;
        case Error cause -> throw cause;
        case null, default -> throw e;
      }
    }
  }

  @Override
  public void close() {
    result.exceptionally(failure -> null).join();
  }
}
