package io.metalmarlin.runtime.hub;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/// A response body that ends with an error when nothing comes for a while, or when the download is
/// stopped; the client's own time limit ends with the headers.
final class WatchedStream extends InputStream {
  private static final long CHECK_MILLIS = 100;

  private final InputStream in;
  private final Duration silence;
  private final ScheduledFuture<?> watch;
  private volatile long last = System.nanoTime();
  private volatile boolean silent;

  WatchedStream(InputStream in, Duration silence, Stop stop, ScheduledExecutorService clock) {
    this.in = in;
    this.silence = silence;
    this.watch =
        clock.scheduleAtFixedRate(
            () -> look(stop), CHECK_MILLIS, CHECK_MILLIS, TimeUnit.MILLISECONDS);
  }

  private void look(Stop stop) {
    if (System.nanoTime() - last > silence.toNanos()) {
      silent = true;
    }
    if (silent || stop.asked()) {
      try {
        in.close();
      } catch (IOException e) {
        // The reader, which waits on the same stream, gets to know.
        silent = true;
      }
    }
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    try {
      int n = in.read(bytes, offset, length);
      last = System.nanoTime();
      return n;
    } catch (IOException e) {
      if (silent) {
        throw new IOException("nothing came for " + silence.toMillis() / 1000.0 + " s", e);
      }
      throw e;
    }
  }

  @Override
  public void close() throws IOException {
    watch.cancel(false);
    in.close();
  }
}
