package io.metalmarlin.cli;

import io.metalmarlin.cli.out.Terminal;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// One command line run inside the test's own process, with its streams caught.
public record CommandLineRun(int exit, String out, String err) {
  /// Runs without a terminal.
  public static CommandLineRun of(String... arguments) {
    return in(Path.of(""), Terminal.NONE, Map.of(), arguments);
  }

  public static CommandLineRun in(
      Path folder, Terminal terminal, Map<String, String> environment, String... arguments) {
    return typing("", folder, terminal, environment, arguments);
  }

  /// @param input what stands on the standard input
  public static CommandLineRun typing(
      String input,
      Path folder,
      Terminal terminal,
      Map<String, String> environment,
      String... arguments) {
    byte[] bytes = input.getBytes(StandardCharsets.UTF_8);
    return reading(bytes, folder, terminal, environment, arguments);
  }

  /// @param input what stands on the standard input, be it text or not
  public static CommandLineRun reading(
      byte[] input,
      Path folder,
      Terminal terminal,
      Map<String, String> environment,
      String... arguments) {
    // A test that wants the hub names a server of its own.
    Map<String, String> variables = new HashMap<>(environment);
    if (!environment.containsKey("HF_ENDPOINT")) {
      variables.put("HF_HUB_OFFLINE", "1");
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    Main main =
        new Main(
            new ByteArrayInputStream(input),
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8),
            terminal,
            variables,
            folder);
    int exit = main.run(List.of(arguments));
    return new CommandLineRun(
        exit, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }

  /// The envelope; fails unless stdout is exactly one JSON document.
  public JsonNode json() {
    return JsonMapper.builder()
        .enable(tools.jackson.databind.DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
        .build()
        .readTree(out);
  }
}
