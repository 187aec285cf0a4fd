package io.metalmarlin.cli.command;

import io.metalmarlin.runtime.text.TextFiles;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
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
  private record Read(byte @Nullable [] line, @Nullable IOException failure) {}

  private final SynchronousQueue<Read> queue = new SynchronousQueue<>();

  private int number;

  Lines(InputStream input) {
    InputStream reader = new BufferedInputStream(input);
    Thread.ofPlatform().daemon().name("marlin-input").start(() -> readAll(reader));
  }

  private void readAll(InputStream reader) {
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

  private static Read read(InputStream reader) {
    try {
      ByteArrayOutputStream line = new ByteArrayOutputStream();
      int b = reader.read();
      if (b < 0) {
        return new Read(null, null);
      }
      for (; b >= 0 && b != '\n'; b = reader.read()) {
        line.write(b);
      }
      return new Read(line.toByteArray(), null);
    } catch (IOException e) {
      return new Read(null, e);
    }
  }

  /// The next line without its end; empty at the end of the input or when `stopped` says so.
  ///
  /// @throws IOException when the input cannot be read
  /// @throws io.metalmarlin.formats.MarlinException `FILE_UNREADABLE` for a line that is not UTF-8;
  ///   the next call gives the one behind it
  Optional<String> next(BooleanSupplier stopped) throws IOException {
    try {
      while (!stopped.getAsBoolean()) {
        Read r = queue.poll(POLL_MILLIS, TimeUnit.MILLISECONDS);
        if (r != null && r.failure() != null) {
          throw r.failure();
        }
        if (r != null) {
          number++;
          return Optional.ofNullable(r.line())
              .map(line -> TextFiles.utf8("line " + number + " of standard input", line));
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return Optional.empty();
  }
}
