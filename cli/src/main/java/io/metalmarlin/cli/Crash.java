package io.metalmarlin.cli;

import io.metalmarlin.cli.out.Failure;
import io.metalmarlin.quant.Version;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// A bug: its stack trace is kept in a file and its path printed; the trace itself never reaches a
/// user's screen.
final class Crash {
  private static final String HINT =
      "Report it with that file; it holds the command line and the stack trace, no model data.";

  private Crash() {}

  static Failure save(Throwable bug, List<String> arguments) {
    String what = bug.getClass().getSimpleName() + message(bug);
    try {
      Path file = Files.createTempFile("marlin-crash-", ".txt");
      Files.writeString(file, report(bug, arguments));
      return new Failure(
          "E101", "marlin", "internal error, a bug: " + what + "; trace saved in " + file, HINT, 1);
    } catch (IOException e) {
      String note = "; the trace could not be saved: " + e.getMessage();
      return new Failure(
          "E101", "marlin", "internal error, a bug: " + what + note, "Report it.", 1);
    }
  }

  private static String message(Throwable bug) {
    return bug.getMessage() == null ? "" : " (" + bug.getMessage() + ")";
  }

  private static String report(Throwable bug, List<String> arguments) {
    StringWriter trace = new StringWriter();
    bug.printStackTrace(new PrintWriter(trace));
    return "marlin %s%njava %s on %s %s%ncommand: marlin %s%n%n%s"
        .formatted(
            Version.current(),
            Runtime.version(),
            System.getProperty("os.name"),
            System.getProperty("os.arch"),
            String.join(" ", arguments),
            trace);
  }
}
