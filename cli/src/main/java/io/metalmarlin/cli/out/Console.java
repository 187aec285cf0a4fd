package io.metalmarlin.cli.out;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// The two streams: stdout carries data and nothing else, stderr carries progress, messages,
/// warnings and errors. Safe for use by several threads; a live line is wiped before anything else
/// is written.
public final class Console {
  private static final String WIPE = "\r\033[K";

  private final PrintStream out;
  private final PrintStream err;
  private final Terminal terminal;
  private final Map<String, String> environment;
  private final Settings settings;
  private final List<Warning> warnings = new ArrayList<>();
  private boolean liveShown;

  /// @param environment the process's variables (`NO_COLOR`, `TERM`)
  public Console(
      PrintStream out,
      PrintStream err,
      Terminal terminal,
      Map<String, String> environment,
      Settings settings) {
    this.out = out;
    this.err = err;
    this.terminal = terminal;
    this.environment = environment;
    this.settings = settings;
  }

  public Settings settings() {
    return settings;
  }

  public Terminal terminal() {
    return terminal;
  }

  /// Data, as it is.
  public synchronized void print(String text) {
    wipe();
    out.print(text);
    out.flush();
  }

  /// A line for the user; silent under `--quiet`.
  public synchronized void message(String line) {
    if (!settings.quiet()) {
      wipe();
      err.println(line);
      err.flush();
    }
  }

  /// A line that only `--verbose` shows.
  public void detail(String line) {
    if (settings.verbose()) {
      message(line);
    }
  }

  /// Keeps the warning for the envelope and shows it, except under `--quiet`.
  public synchronized void warn(Warning w) {
    warnings.add(w);
    if (!settings.quiet()) {
      message(ErrorText.render(w, terminal.columns(), color()));
    }
  }

  /// Shown under every setting.
  public synchronized void error(Failure f) {
    wipe();
    err.println(ErrorText.render(f, terminal.columns(), color()));
    err.flush();
  }

  public synchronized List<Warning> warnings() {
    return List.copyOf(warnings);
  }

  /// Whether a line that rewrites itself may be used: stderr is a terminal that understands it.
  public boolean live() {
    return !settings.quiet()
        && terminal.isTerminal(Terminal.STDERR)
        && !Settings.Color.dumb(environment);
  }

  /// Replaces the live line, cut to the width of the terminal. Only when [#live].
  public synchronized void live(String line) {
    int columns = terminal.columns();
    err.print(WIPE + (line.length() >= columns ? line.substring(0, columns - 1) : line));
    err.flush();
    liveShown = true;
  }

  /// Removes the live line.
  public synchronized void endLive() {
    wipe();
    err.flush();
  }

  private void wipe() {
    if (liveShown) {
      err.print(WIPE);
      liveShown = false;
    }
  }

  private boolean color() {
    return settings.color().enabled(terminal.isTerminal(Terminal.STDERR), environment);
  }
}
