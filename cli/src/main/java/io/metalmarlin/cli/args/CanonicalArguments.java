package io.metalmarlin.cli.args;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/// The command line in canonical spelling: aliases and snake_case replaced, values untouched.
///
/// @param arguments what the parser sees
/// @param notes one sentence per replacement, for stderr
/// @param trustRemoteCode the user passed `--trust-remote-code`, which is answered, not obeyed
public record CanonicalArguments(
    List<String> arguments, List<String> notes, boolean trustRemoteCode) {
  private static final String TRUST = "--trust-remote-code";

  public CanonicalArguments {
    arguments = List.copyOf(arguments);
    notes = List.copyOf(notes);
  }

  /// Rewrites what follows the command's name; everything before it belongs to `marlin` itself.
  ///
  /// @throws MarlinException `BAD_FLAG` for an alias without its value or with one that has no
  ///   meaning
  public static CanonicalArguments of(CommandLine root, List<String> typed) {
    int at = 0;
    while (at < typed.size() && !root.getSubcommands().containsKey(typed.get(at))) {
      at++;
    }
    if (at == typed.size()) {
      return new CanonicalArguments(typed, List.of(), false);
    }
    CommandSpec spec = root.getSubcommands().get(typed.get(at)).getCommandSpec();
    Rewriter rewriter = new Rewriter(spec);
    rewriter.out.addAll(typed.subList(0, at + 1));
    rewriter.rewrite(typed.subList(at + 1, typed.size()));
    return new CanonicalArguments(rewriter.out, rewriter.notes, rewriter.trust);
  }

  /// All flag names that a command accepts, aliases included, for suggestions.
  public static List<String> known(CommandSpec spec) {
    List<String> names = new ArrayList<>(spec.optionsMap().keySet());
    Aliases.ALL.stream()
        .filter(a -> a.commands().contains(spec.name()))
        .forEach(a -> names.add(a.name()));
    return names;
  }

  private static final class Rewriter {
    private final CommandSpec spec;
    private final List<String> out = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();
    private boolean trust;

    Rewriter(CommandSpec spec) {
      this.spec = spec;
    }

    void rewrite(List<String> args) {
      for (int i = 0; i < args.size(); i++) {
        String token = args.get(i);
        if (token.equals("--")) {
          out.addAll(args.subList(i, args.size()));
          return;
        }
        if (token.length() < 2 || token.charAt(0) != '-') {
          out.add(token);
          continue;
        }
        int equals = token.indexOf('=');
        String typed = equals < 0 ? token : token.substring(0, equals);
        String inline = equals < 0 ? null : token.substring(equals + 1);
        String name = kebab(typed);
        Optional<Alias> alias = Aliases.find(spec.name(), name);
        OptionSpec option = spec.findOption(name);
        if (name.equals(TRUST)) {
          trust = true;
        } else if (option == null && alias.isPresent()) {
          i += replace(typed, alias.get(), inline, i + 1 < args.size() ? args.get(i + 1) : null);
        } else {
          if (option != null && !name.equals(typed)) {
            note(typed, name);
          }
          out.add(option == null ? token : inline == null ? name : name + "=" + inline);
          if (option != null && option.arity().max() > 0 && inline == null && i + 1 < args.size()) {
            out.add(args.get(++i));
          }
        }
      }
    }

    /// @return how many further arguments were consumed
    private int replace(String typed, Alias alias, String inline, String next) {
      String value = inline != null ? inline : alias.takesValue() ? next : "";
      if (value == null) {
        throw new MarlinException(
            ErrorCode.BAD_FLAG,
            typed,
            "needs a value",
            "`marlin " + spec.name() + " --help` shows every flag with its value.");
      }
      List<String> canonical = alias.replacement().apply(value);
      out.addAll(canonical);
      boolean positional = canonical.size() == 1 && alias.takesValue();
      boolean sameValue =
          alias.takesValue() && canonical.size() == 2 && canonical.getLast().equals(value);
      note(
          typed,
          positional
              ? Aliases.POSITIONAL
              : sameValue ? canonical.getFirst() : String.join(" ", canonical));
      return inline == null && alias.takesValue() ? 1 : 0;
    }

    private void note(String typed, String canonical) {
      notes.add(typed + " is " + canonical + " here");
    }

    private static String kebab(String name) {
      return name.startsWith("--") ? name.replace('_', '-').toLowerCase(Locale.ROOT) : name;
    }
  }
}
