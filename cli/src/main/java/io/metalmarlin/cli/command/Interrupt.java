package io.metalmarlin.cli.command;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BooleanSupplier;
import sun.misc.Signal;
import sun.misc.SignalHandler;

/// Ctrl-C and SIGTERM: the first one asks the running work to stop at the next safe point, the
/// second one ends the process at once. Installed only by commands that have something to save.
public final class Interrupt implements BooleanSupplier {
  private static final int SIGNAL_BASE = 128;

  private static final int SIGTERM = 15;

  private volatile int signal;

  /// Gives the signals back to whom they belonged.
  public interface Guard extends AutoCloseable {
    @Override
    void close();
  }

  /// Takes over both signals, for the rest of the process or until the guard is closed.
  ///
  /// @param first told on the first signal, on the JVM's signal thread
  public Guard install(Runnable first) {
    Map<Signal, SignalHandler> before = new LinkedHashMap<>();
    for (String name : new String[] {"INT", "TERM"}) {
      Signal taken = new Signal(name);
      before.put(
          taken,
          Signal.handle(
              taken,
              s -> {
                if (signal != 0) {
                  Runtime.getRuntime().halt(SIGNAL_BASE + s.getNumber());
                }
                request(s.getNumber());
                first.run();
              }));
    }
    return () -> before.forEach(Signal::handle);
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
