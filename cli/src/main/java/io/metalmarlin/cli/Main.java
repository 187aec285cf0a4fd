package io.metalmarlin.cli;

import io.metalmarlin.cli.args.ArgumentEncoding;
import io.metalmarlin.cli.args.CanonicalArguments;
import io.metalmarlin.cli.args.UsageErrors;
import io.metalmarlin.cli.command.Command;
import io.metalmarlin.cli.command.Interrupt;
import io.metalmarlin.cli.command.Marlin;
import io.metalmarlin.cli.command.Outcome;
import io.metalmarlin.cli.command.Session;
import io.metalmarlin.cli.out.Console;
import io.metalmarlin.cli.out.Envelope;
import io.metalmarlin.cli.out.Failure;
import io.metalmarlin.cli.out.Json;
import io.metalmarlin.cli.out.NativeTerminal;
import io.metalmarlin.cli.out.Settings;
import io.metalmarlin.cli.out.Terminal;
import io.metalmarlin.cli.out.Warning;
import io.metalmarlin.cli.recipe.GivenRecipe;
import io.metalmarlin.cli.recipe.RecipeArguments;
import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.quant.Version;
import io.metalmarlin.runtime.hub.StoppedException;
import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/// The process: arguments in, exit code out. The only place that knows how a failure of any kind
/// ends.
public final class Main {
  private static final String JSON = "--json";

  private final InputStream in;
  private final PrintStream out;
  private final PrintStream err;
  private final Terminal terminal;
  private final Map<String, String> environment;
  private final Path workingFolder;
  private final Interrupt interrupt = new Interrupt();

  /// @param environment the process's variables
  /// @param workingFolder where relative default outputs go
  public Main(
      InputStream in,
      PrintStream out,
      PrintStream err,
      Terminal terminal,
      Map<String, String> environment,
      Path workingFolder) {
    this.in = in;
    this.out = out;
    this.err = err;
    this.terminal = terminal;
    this.environment = Map.copyOf(environment);
    this.workingFolder = workingFolder;
  }

  /// Entry point of the launcher.
  public static void main(String[] args) {
    PrintStream out = utf8(FileDescriptor.out);
    PrintStream err = utf8(FileDescriptor.err);
    int exit =
        new Main(System.in, out, err, new NativeTerminal(), System.getenv(), Path.of(""))
            .run(List.of(args));
    out.flush();
    err.flush();
    System.exit(exit);
  }

  private static PrintStream utf8(FileDescriptor fd) {
    return new PrintStream(
        new BufferedOutputStream(new FileOutputStream(fd)), false, StandardCharsets.UTF_8);
  }

  /// Runs one command line.
  ///
  /// @param typed the arguments after `marlin`
  /// @return the exit code
  public int run(List<String> typed) {
    CommandLine parser = Marlin.parser();
    // Until the arguments are parsed their raw text decides how a failure is told.
    Settings early = new Settings(typed.contains(JSON), false, false, Settings.Color.AUTO);
    Console console = new Console(out, err, terminal, environment, early);
    String name = commandName(parser, typed);
    GivenRecipe recipe = GivenRecipe.NONE;
    Outcome outcome;
    try {
      ArgumentEncoding.check(typed, System.getProperty("sun.jnu.encoding"));
      CanonicalArguments canonical = CanonicalArguments.of(parser, typed);
      RecipeArguments merged = RecipeArguments.of(Marlin::parser, canonical.arguments());
      recipe = merged.recipe();
      ParseResult parsed = parser.parseArgs(merged.arguments().toArray(String[]::new));
      while (parsed.hasSubcommand()) {
        parsed = parsed.subcommand();
      }
      CommandLine leaf = parsed.commandSpec().commandLine();
      if (parsed.isUsageHelpRequested()) {
        name = "help";
        outcome = text(leaf.getUsageMessage(CommandLine.Help.Ansi.OFF));
      } else if (parsed.isVersionHelpRequested()) {
        name = "version";
        outcome = text("marlin " + Version.current() + "\n");
      } else if (leaf.getCommand() instanceof Command command) {
        console = new Console(out, err, terminal, environment, command.settings());
        answer(canonical, console);
        outcome = execute(command, console, canonical, recipe);
      } else {
        throw new MarlinException(
            ErrorCode.BAD_FLAG,
            "marlin",
            "needs a command",
            "`marlin --help` lists them; start with `marlin quantize demo`.");
      }
    } catch (ParameterException e) {
      outcome = Outcome.failed(Failure.of(recipe.located(UsageErrors.of(e))));
    } catch (MarlinException e) {
      outcome = Outcome.failed(Failure.of(recipe.located(e)));
    } catch (Throwable e) { // the last net: whatever arrives here is a bug and is reported as one
      outcome = Outcome.failed(crash(e, typed));
    }
    show(name, outcome, console);
    return outcome.exit();
  }

  private Outcome execute(
      Command command, Console console, CanonicalArguments canonical, GivenRecipe recipe)
      throws java.io.IOException {
    Session session =
        new Session(
            console, in, canonical.arguments(), recipe, environment, workingFolder, interrupt);
    try {
      return command.execute(session);
    } catch (StoppedException e) {
      return Outcome.failed(session.stopped(e));
    } finally {
      console.endLive();
    }
  }

  private static void answer(CanonicalArguments canonical, Console console) {
    canonical.notes().forEach(n -> console.message("note: " + n));
    if (canonical.trustRemoteCode()) {
      console.warn(
          new Warning(
              "W101",
              "--trust-remote-code",
              "marlin never runs code from a checkpoint, so this flag changes nothing"));
    }
  }

  private static Failure crash(Throwable e, List<String> typed) {
    if (e instanceof OutOfMemoryError) {
      return Failure.of(
          new MarlinException(
              ErrorCode.NOT_ENOUGH_MEMORY,
              "Java heap",
              "is used up (" + e.getMessage() + ")",
              "Give it more with MARLIN_JAVA_OPTS=-Xmx4g and run the same command again."));
    }
    return Crash.save(e, typed);
  }

  private static void show(String name, Outcome outcome, Console console) {
    if (console.settings().json()) {
      console.print(
          Json.text(Envelope.of(name, outcome.result(), console.warnings(), outcome.failure()))
              + "\n");
    } else {
      console.print(outcome.text());
    }
    outcome.failures().forEach(console::error);
  }

  private static Outcome text(String text) {
    return Outcome.ok(Json.object().put("text", text), text);
  }

  private static String commandName(CommandLine parser, List<String> typed) {
    return typed.stream()
        .filter(t -> parser.getSubcommands().containsKey(t))
        .findFirst()
        .orElse("help");
  }
}
