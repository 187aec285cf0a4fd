package io.metalmarlin.tests.support;

import io.metalmarlin.cli.Main;
import io.metalmarlin.cli.out.Terminal;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// Runs the command line inside the test's own process, no stream being a terminal.
public final class Cli {
  private Cli() {}

  /// Runs `marlin ARGUMENTS`; paths among the arguments should be absolute.
  public static Run run(Object... arguments) {
    return run(Map.of(), arguments);
  }

  /// @param environment all variables the command sees; offline is added, and a Hugging Face cache
  ///   that does not exist is added, so that no test depends on what this machine has downloaded
  public static Run run(Map<String, String> environment, Object... arguments) {
    List<String> typed = Stream.of(arguments).map(Object::toString).toList();
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    Map<String, String> variables = new HashMap<>(environment);
    variables.putIfAbsent(
        "HF_HOME", Path.of("target", "no-such-cache").toAbsolutePath().toString());
    // A test that wants the hub names a server of its own.
    if (!environment.containsKey("HF_ENDPOINT")) {
      variables.putIfAbsent("HF_HUB_OFFLINE", "1");
    }
    int exit =
        new Main(
                InputStream.nullInputStream(),
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                Terminal.NONE,
                variables,
                Path.of("target").toAbsolutePath())
            .run(typed);
    return new Run(
        typed, exit, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }
}
