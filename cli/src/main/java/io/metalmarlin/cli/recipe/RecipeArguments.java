package io.metalmarlin.cli.recipe;

import io.metalmarlin.cli.args.Nearest;
import io.metalmarlin.formats.MarlinException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.function.Supplier;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/// A command line with what its recipe adds: a flag for every key that the command line does not
/// give itself.
///
/// @param arguments what the parser sees
/// @param recipe where what was added stands
public record RecipeArguments(List<String> arguments, GivenRecipe recipe) {
  private static final String FLAG = "--recipe";

  /// Keys that are no flags: the form's version, and what to quantize.
  private static final String VERSION = "version";

  private static final String MODEL = "model";

  public RecipeArguments {
    arguments = List.copyOf(arguments);
  }

  /// @param parsers makes one for the first of two parses, which leaves errors of the command line
  ///   itself to the second
  /// @throws MarlinException `BAD_RECIPE`
  public static RecipeArguments of(Supplier<CommandLine> parsers, List<String> typed) {
    if (typed.stream().noneMatch(t -> t.equals(FLAG) || t.startsWith(FLAG + "="))) {
      return new RecipeArguments(typed, GivenRecipe.NONE);
    }
    CommandLine parser = parsers.get();
    parser.getCommandSpec().parser().collectErrors(true);
    parser.getSubcommands().values().forEach(c -> c.getCommandSpec().parser().collectErrors(true));
    ParseResult parsed = parser.parseArgs(typed.toArray(String[]::new));
    while (parsed.hasSubcommand()) {
      parsed = parsed.subcommand();
    }
    return parsed.hasMatchedOption(FLAG)
            && parsed.matchedOptionValue(FLAG, null) instanceof Path file
        ? new Merge(parsed, typed).with(RecipeFile.read(file))
        : new RecipeArguments(typed, GivenRecipe.NONE);
  }

  private record Merge(ParseResult parsed, List<String> typed) {
    RecipeArguments with(SequencedMap<String, RecipeEntry> entries) {
      CommandSpec spec = parsed.commandSpec();
      SequencedMap<String, OptionSpec> keys = RecipeKeys.of(spec);
      List<String> added = new ArrayList<>();
      List<String> model = new ArrayList<>();
      Map<String, Place> places = new LinkedHashMap<>();
      for (RecipeEntry e : entries.values()) {
        OptionSpec option = keys.get(e.key());
        if (e.key().equals(VERSION)) {
          checkVersion(e);
        } else if (e.key().equals(MODEL)) {
          if (parsed.matchedPositionals().isEmpty()) {
            model.addAll(List.of("--", one(e)));
          }
        } else if (option == null) {
          throw unknown(e, keys, spec);
        } else if (!parsed.hasMatchedOption(option)) {
          added.addAll(arguments(e, option));
          places.put(e.key(), e.place());
        } else {
          arguments(e, option);
        }
      }
      int command = typed.indexOf(spec.name()) + 1;
      List<String> all = new ArrayList<>(typed.subList(0, command));
      all.addAll(added);
      all.addAll(typed.subList(command, typed.size()));
      all.addAll(model);
      return new RecipeArguments(all, new GivenRecipe(places));
    }

    private static List<String> arguments(RecipeEntry e, OptionSpec option) {
      String flag = option.longestName();
      if (option.arity().max() == 0) {
        String text = one(e);
        if (!text.equals("true") && !text.equals("false")) {
          throw wrong(e, "is %s, neither true nor false".formatted(text));
        }
        return text.equals("true") ? List.of(flag) : List.of();
      }
      if (!option.isMultiValue()) {
        return List.of(flag + "=" + one(e));
      }
      if (e.form() == RecipeEntry.Form.MAPPING && !option.paramLabel().contains("=")) {
        throw wrong(e, "is a mapping; it takes a list");
      }
      return e.items().stream().map(i -> flag + "=" + i.text()).toList();
    }

    private static String one(RecipeEntry e) {
      if (e.form() != RecipeEntry.Form.ONE) {
        throw wrong(e, "is a list or a mapping; it takes one value");
      }
      return e.items().getFirst().text();
    }

    private static void checkVersion(RecipeEntry e) {
      if (!one(e).equals("1")) {
        throw wrong(e, "is %s; this program knows version 1".formatted(one(e)));
      }
    }

    private static MarlinException wrong(RecipeEntry e, String what) {
      Place place = e.items().isEmpty() ? e.place() : e.items().getFirst().place();
      return RecipeErrors.at(place, e.key() + " " + what, RecipeErrors.DOCUMENT);
    }

    private static MarlinException unknown(
        RecipeEntry e, SequencedMap<String, OptionSpec> keys, CommandSpec spec) {
      String flag = "--" + e.key().replace('_', '-');
      if (spec.findOption(flag) != null && !keys.containsKey(e.key().replace('-', '_'))) {
        return RecipeErrors.at(
            e.place(),
            "%s does not decide what is made, so it is no key of a recipe".formatted(e.key()),
            "Give it on the command line, as " + flag + ".");
      }
      List<String> known = new ArrayList<>(keys.keySet());
      known.addAll(List.of(VERSION, MODEL));
      return RecipeErrors.at(
          e.place(),
          e.key() + " is not a key of a recipe",
          Nearest.of(e.key(), known).map(n -> "Did you mean " + n + "? ").orElse("")
              + RecipeErrors.DOCUMENT);
    }
  }
}
