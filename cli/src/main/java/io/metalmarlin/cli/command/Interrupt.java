package io.metalmarlin.cli.command;

import java.util.function.BooleanSupplier;
import sun.misc.Signal;

/// Ctrl-C and SIGTERM: the first one asks the running work to stop at the next safe point, the
/// second one ends the process at once. Installed only by commands that have something to save.
public final class Interrupt implements BooleanSupplier {
  private static final int SIGNAL_BASE = 128;

  private static final int SIGTERM = 15;

  private volatile int signal;

  /// Takes over both signals. What they did before is gone, so this is called once per process.
  ///
  /// @param first told on the first signal, on the JVM's signal thread
  public void install(Runnable first) {
    for (String name : new String[] {"INT", "TERM"}) {
      Signal.handle(
          new Signal(name),
          s -> {
            if (signal != 0) {
              Runtime.getRuntime().halt(SIGNAL_BASE + s.getNumber());
            }
            request(s.getNumber());
            first.run();
          });
    }
  }

  /// What a signal does; also the way in for tests.
  public void request(int number) {
    signal = number;
  }

  /// Forgets a Ctrl-C that ended a part of the work only; SIGTERM still ends all of it.
  public void forgive() {
    signal = signal == SIGTERM ? signal : 0;
  }

  /// Whether the work should stop.
  @Override
  public boolean getAsBoolean() {
    return signal != 0;
  }

  /// The exit code of an interrupted process: 130 for Ctrl-C, 143 for SIGTERM.
  public int exitCode() {
    return SIGNAL_BASE + signal;
  }

  /// The signal's name for messages.
  public String signalName() {
    return signal == SIGTERM ? "SIGTERM" : "SIGINT";
  }
}
