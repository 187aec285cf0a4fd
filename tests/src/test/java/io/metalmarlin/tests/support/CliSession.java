package io.metalmarlin.tests.support;

import io.metalmarlin.cli.Main;
import io.metalmarlin.cli.out.Terminal;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.ObjectMapper;

/// One process for the many command lines of the Python oracle: what the JVM has compiled for one
/// serves the next. Each line of stdin is a JSON array of strings, `["marlin", ARGUMENTS...]` or
/// `["weights", PACK, OUT]` ([DumpWeights]); each is answered on stdout by one line, `{"exit": 0,
/// "err": "what it wrote to stderr"}`. What commands write to stdout is dropped. Ends with stdin.
public final class CliSession {
  private CliSession() {}

  public static void main(String[] args) throws IOException {
    PrintStream answers = utf8(new FileOutputStream(FileDescriptor.out));
    // A library's print would be taken for an answer.
    System.setOut(System.err);
    ObjectMapper json = new ObjectMapper();
    BufferedReader lines =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      ByteArrayOutputStream err = new ByteArrayOutputStream();
      int exit = run(List.of(json.readValue(line, String[].class)), utf8(err));
      Map<String, Object> answer =
          Map.of("exit", exit, "err", err.toString(StandardCharsets.UTF_8));
      answers.println(json.writeValueAsString(answer));
    }
  }

  private static int run(List<String> words, PrintStream err) {
    List<String> arguments = words.subList(1, words.size());
    return switch (words.getFirst()) {
      case "marlin" -> marlin(arguments, err);
      case "weights" -> weights(arguments, err);
      default -> throw new IllegalArgumentException("no such command: " + words);
    };
  }

  private static int marlin(List<String> arguments, PrintStream err) {
    return new Main(
            InputStream.nullInputStream(),
            new PrintStream(OutputStream.nullOutputStream()),
            err,
            Terminal.NONE,
            System.getenv(),
            Path.of(""))
        .run(arguments);
  }

  private static int weights(List<String> arguments, PrintStream err) {
    try {
      DumpWeights.main(arguments.toArray(String[]::new));
      return 0;
    } catch (IOException | RuntimeException e) {
      e.printStackTrace(err);
      return 1;
    }
  }

  private static PrintStream utf8(OutputStream stream) {
    return new PrintStream(stream, true, StandardCharsets.UTF_8);
  }
}
