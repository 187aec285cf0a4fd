package io.metalmarlin.tests.support;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/// A run of the command line in a JVM of its own, for tests that send it a signal.
public final class CliProcess implements AutoCloseable {
  private static final long LIMIT_SECONDS = 300;

  private final List<String> arguments;
  private final Process process;
  private final Path out;
  private final Path err;

  private CliProcess(List<String> arguments, Process process, Path out, Path err) {
    this.arguments = arguments;
    this.process = process;
    this.out = out;
    this.err = err;
  }

  /// Starts offline.
  ///
  /// @param scratch an existing folder for the captured streams
  public static CliProcess start(Path scratch, Object... arguments) throws IOException {
    return start(Map.of("HF_HUB_OFFLINE", "1"), scratch, arguments);
  }

  /// @param environment what is set beside the variables of this process
  public static CliProcess start(Map<String, String> environment, Path scratch, Object... arguments)
      throws IOException {
    List<String> typed = Stream.of(arguments).map(Object::toString).toList();
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx1g",
                "--add-modules",
                "jdk.incubator.vector",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-cp",
                System.getProperty("java.class.path"),
                "io.metalmarlin.cli.Main"));
    command.addAll(typed);
    Path out = Files.createTempFile(scratch, "stdout-", ".txt");
    Path err = Files.createTempFile(scratch, "stderr-", ".txt");
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile());
    builder.environment().putAll(environment);
    Process process = builder.start();
    return new CliProcess(typed, process, out, err);
  }

  /// Waits until the condition holds or the process has ended; true if the condition held.
  public boolean runsUntil(BooleanSupplier condition) throws InterruptedException {
    while (!condition.getAsBoolean()) {
      if (process.waitFor(10, TimeUnit.MILLISECONDS)) {
        return condition.getAsBoolean();
      }
    }
    return true;
  }

  /// Sends a signal by name, for example `INT` or `KILL`.
  public void signal(String name) throws IOException, InterruptedException {
    new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
        .redirectErrorStream(true)
        .start()
        .waitFor();
  }

  /// What it has written to stderr so far.
  public String stderr() {
    return read(err);
  }

  /// Waits for its end.
  public Run end() throws InterruptedException {
    if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
      throw new AssertionError(
          "still running after " + LIMIT_SECONDS + " s: " + arguments + stderr());
    }
    return new Run(arguments, process.exitValue(), read(out), read(err));
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
