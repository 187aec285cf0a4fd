package io.metalmarlin.cli.args;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.OverwrittenOptionException;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/// Turns what the parser objects to into our kind of error: what, why, what to do.
public final class UsageErrors {
  private UsageErrors() {}

  public static MarlinException of(ParameterException e) {
    CommandSpec spec = e.getCommandLine().getCommandSpec();
    if (e instanceof UnmatchedArgumentException u && !u.getUnmatched().isEmpty()) {
      return unmatched(spec, u.getUnmatched().getFirst());
    }
    if (e instanceof MissingParameterException m && !m.getMissing().isEmpty()) {
      return missing(spec, m.getMissing());
    }
    if (e instanceof OverwrittenOptionException o) {
      return error(label(o.getOverwritten()), "is given twice", "Give it once.");
    }
    ArgSpec arg = e.getArgSpec();
    if (arg != null && e.getValue() != null) {
      return error(label(arg) + " " + e.getValue(), reason(arg, e), help(spec));
    }
    return error("marlin " + spec.name(), e.getMessage(), help(spec));
  }

  /// A flag whose value means nothing.
  ///
  /// @param reason a predicate, for example `is not a number`
  public static MarlinException badValue(String flag, String value, String reason) {
    return error(flag + " " + value, reason, "`--help` shows the form it needs.");
  }

  /// Flags that contradict each other or need another one.
  public static MarlinException conflict(String flag, String reason, String hint) {
    return error(flag, reason, hint);
  }

  /// A word where a command should stand.
  public static MarlinException unknownCommand(CommandSpec root, String token) {
    Optional<String> nearest = Nearest.of(token, root.subcommands().keySet());
    return error(
        token,
        "is not a command",
        nearest.map(n -> "Did you mean `marlin " + n + "`? ").orElse("") + help(root));
  }

  private static MarlinException unmatched(CommandSpec spec, String token) {
    boolean root = spec.parent() == null;
    String name = token.contains("=") ? token.substring(0, token.indexOf('=')) : token;
    if (name.startsWith("-")) {
      Optional<String> nearest = Nearest.of(name, CanonicalArguments.known(spec));
      return error(
          name,
          root ? "is not a flag of marlin" : "is not a flag of `marlin " + spec.name() + "`",
          nearest.map(n -> "Did you mean " + n + "? ").orElse("") + help(spec));
    }
    if (root) {
      return unknownCommand(spec, token);
    }
    return error(
        token,
        "is one argument too many for `marlin " + spec.name() + "`",
        spec.findOption("--ignore") != null
            ? "Give --ignore once per pattern. " + help(spec)
            : help(spec));
  }

  private static MarlinException missing(CommandSpec spec, List<ArgSpec> args) {
    ArgSpec first = args.getFirst();
    String message =
        first instanceof OptionSpec && !first.required() ? "needs a value" : "is missing";
    return error(label(first), message, help(spec));
  }

  private static String reason(ArgSpec arg, ParameterException e) {
    boolean own = arg.converters().length > 0;
    if (own && e.getCause() instanceof CommandLine.TypeConversionException t) {
      return t.getMessage();
    }
    Class<?> type = arg.auxiliaryTypes().length > 0 ? arg.auxiliaryTypes()[0] : arg.type();
    if (type.isEnum()) {
      return "is not one of "
          + Stream.of(type.getEnumConstants())
              .map(c -> c.toString().toLowerCase(Locale.ROOT))
              .collect(Collectors.joining(", "));
    }
    if (type == int.class || type == Integer.class || type == long.class || type == Long.class) {
      return "is not a whole number";
    }
    return type == double.class || type == Double.class
        ? "is not a number"
        : "is not a valid value";
  }

  private static String label(ArgSpec arg) {
    return arg instanceof OptionSpec o ? o.longestName() : arg.paramLabel();
  }

  private static String help(CommandSpec spec) {
    return spec.parent() == null
        ? "`marlin --help` lists the commands."
        : "`marlin " + spec.name() + " --help` lists its flags.";
  }

  private static MarlinException error(String where, String message, String hint) {
    return new MarlinException(ErrorCode.BAD_FLAG, where, message, hint);
  }
}
