package io.metalmarlin.cli.progress;

import io.metalmarlin.cli.out.Console;
import io.metalmarlin.cli.out.Figures;
import io.metalmarlin.runtime.eval.EvalListener;
import java.util.Locale;
import java.util.function.DoubleSupplier;

/// Shows work of known length (evaluation windows) as one live line with a measured ETA; on
/// anything but a terminal as some plain lines, or not at all.
public final class CountProgress implements EvalListener {
  private static final double REFRESH_SECONDS = 0.1;

  private final Console console;
  private final String what;
  private final DoubleSupplier now;
  private final double begin;
  private final boolean live;
  private final int lines;
  private double shownAt = Double.NEGATIVE_INFINITY;

  /// @param what for example `window`
  /// @param now a clock in seconds
  public CountProgress(Console console, String what, DoubleSupplier now) {
    this(console, what, now, 0);
  }

  /// For work of minutes.
  ///
  /// @param lines how many plain lines are shown beside the first without a terminal
  public CountProgress(Console console, String what, DoubleSupplier now, int lines) {
    this.console = console;
    this.what = what;
    this.now = now;
    this.begin = now.getAsDouble();
    this.live = console.live();
    this.lines = lines;
  }

  @Override
  public void windows(int done, int total) {
    double t = now.getAsDouble();
    String text = "%s %d/%d".formatted(what, done, total);
    double share = (double) done / total;
    if (!live && isLine(done, total)) {
      console.message(withRest(text, share, t));
    }
    if (live && (done >= total || t - shownAt >= REFRESH_SECONDS)) {
      show(text, share, t);
    }
  }

  private boolean isLine(int done, int total) {
    return lines > 0
        && (done == 1 || (long) done * lines / total > (long) (done - 1) * lines / total);
  }

  /// The same for work that knows only its share.
  ///
  /// @param share 0 to 1
  public void share(double share) {
    double t = now.getAsDouble();
    if (live && (share >= 1 || t - shownAt >= REFRESH_SECONDS)) {
      show(String.format(Locale.ROOT, "%s %.0f %%", what, 100 * share), share, t);
    }
  }

  private void show(String text, double share, double t) {
    shownAt = t;
    console.live(withRest(text, share, t));
  }

  private String withRest(String text, double share, double t) {
    return share > 0 ? text + "  ETA " + Figures.seconds((t - begin) / share * (1 - share)) : text;
  }
}
