package io.metalmarlin.cli.command;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/// Lines of the standard input, read on a thread of their own so that a signal ends the wait for
/// one.
final class Lines {
  private static final long POLL_MILLIS = 50;

  /// A line, the end of the input, or why reading failed.
  private record Read(@Nullable String line, @Nullable IOException failure) {}

  private final SynchronousQueue<Read> queue = new SynchronousQueue<>();

  Lines(InputStream input) {
    BufferedReader reader =
        new BufferedReader(new InputStreamReader(input, StandardCharsets.UTF_8));
    Thread.ofPlatform().daemon().name("marlin-input").start(() -> readAll(reader));
  }

  private void readAll(BufferedReader reader) {
    try {
      while (true) {
        Read next = read(reader);
        queue.put(next);
        if (next.line() == null) {
          return;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static Read read(BufferedReader reader) {
    try {
      return new Read(reader.readLine(), null);
    } catch (IOException e) {
      return new Read(null, e);
    }
  }

  /// The next line; empty at the end of the input or when `stopped` says so.
  ///
  /// @throws IOException when the input cannot be read
  Optional<String> next(BooleanSupplier stopped) throws IOException {
    try {
      while (!stopped.getAsBoolean()) {
        Read r = queue.poll(POLL_MILLIS, TimeUnit.MILLISECONDS);
        if (r != null && r.failure() != null) {
          throw r.failure();
        }
        if (r != null) {
          return Optional.ofNullable(r.line());
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return Optional.empty();
  }
}
