package io.metalmarlin.cli.progress;

import io.metalmarlin.cli.out.Console;
import io.metalmarlin.cli.out.Figures;
import io.metalmarlin.cli.out.Warning;
import io.metalmarlin.runtime.hub.DownloadListener;
import java.util.function.DoubleSupplier;

/// Shows a download: a line when it begins and, on a terminal, one live line with the measured rate
/// and the time left at that rate.
public final class DownloadProgress implements DownloadListener {
  private static final double REFRESH_SECONDS = 0.1;
  private static final int SHORT_COMMIT = 12;

  private final Console console;
  private final DoubleSupplier now;
  private String spec = "";
  private long total;
  private long present;
  private long fetched;
  private double begin;
  private double shownAt = Double.NEGATIVE_INFINITY;

  /// @param now a clock in seconds
  public DownloadProgress(Console console, DoubleSupplier now) {
    this.console = console;
    this.now = now;
    this.begin = now.getAsDouble();
  }

  @Override
  public synchronized void started(String name, String commit, int files, long bytes, long here) {
    spec = name;
    total += bytes;
    present += here + fetched;
    // Between the groups of a streamed model other work is done: each has a rate of its own.
    fetched = 0;
    begin = now.getAsDouble();
    console.message(
        "downloading %s at %s: %d %s, %s%s"
            .formatted(
                name,
                commit.substring(0, Math.min(SHORT_COMMIT, commit.length())),
                files,
                files == 1 ? "file" : "files",
                Figures.bytes(bytes),
                here > 0 ? ", " + Figures.bytes(here) + " of them are here already" : ""));
  }

  @Override
  public synchronized void bytes(long more) {
    fetched += more;
    double t = now.getAsDouble();
    if (console.live() && t - shownAt >= REFRESH_SECONDS) {
      shownAt = t;
      console.live(line(t));
    }
  }

  private String line(double t) {
    String text = spec + "  " + Figures.bytes(present + fetched) + " of " + Figures.bytes(total);
    double seconds = t - begin;
    if (fetched <= 0 || seconds <= 0) {
      return text;
    }
    double rate = fetched / seconds;
    return text
        + "  %s/s  ETA %s"
            .formatted(
                Figures.bytes((long) rate), Figures.seconds((total - present - fetched) / rate));
  }

  @Override
  public void waiting(String file) {
    console.message("another process fetches " + file + "; waiting for it ...");
  }

  @Override
  public void unverified(String file) {
    console.warn(
        new Warning(
            "W105", file, "the server lists no digest of this file; only its size was checked"));
  }
}
