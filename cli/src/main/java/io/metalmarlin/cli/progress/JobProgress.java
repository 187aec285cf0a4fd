package io.metalmarlin.cli.progress;

import io.metalmarlin.cli.out.Console;
import io.metalmarlin.cli.out.Figures;
import io.metalmarlin.cli.out.Warning;
import io.metalmarlin.quant.job.JobListener;
import io.metalmarlin.quant.job.LayerReport;
import java.util.Locale;
import java.util.function.DoubleSupplier;

/// Shows a job: one line that rewrites itself on a terminal, one line per finished block elsewhere,
/// nothing under `--quiet`. Figures in it are measured; what is not known is left out.
public final class JobProgress implements JobListener {
  private static final double REFRESH_SECONDS = 0.1;

  private final Console console;
  private final DoubleSupplier now;
  private final String label;
  private final BlockClock clock;
  private final boolean live;
  private String phase = "";
  private double share = Double.NaN;
  private int block = -1;
  private int blocks;
  private double errorSum;
  private int errors;
  private long blockTokens;
  private double lastRate = Double.NaN;
  private double shownAt = Double.NEGATIVE_INFINITY;

  /// @param label what is being done, for example the method's name; empty for none
  /// @param estimatedSeconds the plan's estimate, NaN for none
  /// @param now a clock in seconds
  public JobProgress(Console console, String label, double estimatedSeconds, DoubleSupplier now) {
    this.console = console;
    this.label = label;
    this.now = now;
    this.clock = new BlockClock(estimatedSeconds, now.getAsDouble());
    this.live = console.live();
  }

  /// A clock in seconds.
  public static double systemSeconds() {
    return System.nanoTime() / 1e9;
  }

  @Override
  public void stage(String name) {
    phase = name;
    share = Double.NaN;
    block = -1;
    errors = 0;
    lastRate = Double.NaN;
    console.detail(prefix() + name);
    show(true);
  }

  @Override
  public void progress(double done, double total) {
    share = total > 0 ? done / total : Double.NaN;
    show(false);
  }

  @Override
  public void resumed(int finished, int total) {
    console.message(
        prefix()
            + "going on after block %d of %d, finished by an earlier run"
                .formatted(finished, total));
  }

  @Override
  public void blockStarted(int index, int total) {
    block = index;
    blocks = total;
    phase = "";
    share = Double.NaN;
    errorSum = 0;
    errors = 0;
    blockTokens = 0;
    clock.blockStarted(index, total, now.getAsDouble());
    show(true);
  }

  @Override
  public void weightDone(LayerReport r) {
    Double hessian = r.relativeHessianError();
    errorSum += hessian == null ? r.relativeError() : hessian;
    errors++;
    blockTokens = Math.max(blockTokens, r.calibrationTokens());
    console.detail(
        "%s%s  %s  %dx%d  error %s%s"
            .formatted(
                prefix(),
                r.module(),
                r.method(),
                r.rows(),
                r.cols(),
                error(hessian == null ? r.relativeError() : hessian),
                r.dampingRetries() > 0
                    ? "  damping raised %dx to %s"
                        .formatted(r.dampingRetries(), Figures.fixed(r.damping(), 3))
                    : ""));
    show(false);
  }

  @Override
  public void blockDone(int index, int total) {
    clock.blockDone(now.getAsDouble());
    lastRate = blockTokens > 0 ? blockTokens / clock.lastBlock() : Double.NaN;
    if (live) {
      show(true);
    } else {
      console.message(
          prefix()
              + "block %d/%d  %s".formatted(index + 1, total, Figures.seconds(clock.lastBlock()))
              + figures());
    }
  }

  @Override
  public void warning(String code, String where, String message) {
    console.warn(new Warning(code, where, message));
  }

  private void show(boolean force) {
    double t = now.getAsDouble();
    if (!live || (!force && t - shownAt < REFRESH_SECONDS)) {
      return;
    }
    shownAt = t;
    StringBuilder line = new StringBuilder(prefix());
    if (block >= 0) {
      line.append("block %d/%d".formatted(block + 1, blocks));
    }
    if (!phase.isEmpty()) {
      line.append(block >= 0 ? "  " : "").append(phase);
    }
    if (Double.isFinite(share)) {
      line.append(String.format(Locale.ROOT, " %.0f %%", 100 * share));
    }
    console.live(line.append(figures()).toString());
  }

  private String figures() {
    StringBuilder s = new StringBuilder();
    if (errors > 0) {
      s.append("  error ").append(error(errorSum / errors));
    }
    if (Double.isFinite(lastRate)) {
      s.append("  ").append(Figures.count(Math.round(lastRate))).append(" tok/s");
    }
    ResidentMemory.now().ifPresent(b -> s.append("  RAM ").append(Figures.bytes(b)));
    clock
        .remaining(now.getAsDouble())
        .ifPresent(left ->
            s.append(clock.measured() ? "  ETA " : "  ETA about ").append(Figures.seconds(left)));
    return s.toString();
  }

  private String prefix() {
    return label.isEmpty() ? "" : label + "  ";
  }

  private static String error(double relative) {
    return String.format(Locale.ROOT, "%.2e", relative);
  }
}
