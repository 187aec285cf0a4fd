package io.metalmarlin.cli.recipe;

import java.lang.reflect.Field;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Optional;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/// The keys of a recipe: the names of a command's flags that are marked with [InRecipe].
public final class RecipeKeys {
  private RecipeKeys() {}

  /// The flags by key, in the order in which help lists them.
  public static SequencedMap<String, OptionSpec> of(CommandSpec spec) {
    SequencedMap<String, OptionSpec> keys = new LinkedHashMap<>();
    for (OptionSpec o : spec.options()) {
      if (mark(o) != null) {
        keys.put(key(o), o);
      }
    }
    return keys;
  }

  /// A flag's name as a key: `group_size` of `--group-size`.
  static String key(OptionSpec option) {
    return option.longestName().substring(2).replace('-', '_');
  }

  /// What a saved recipe names beside the resolved recipe's own settings.
  ///
  /// @param spec after parsing
  public static SequencedMap<String, Object> others(CommandSpec spec) {
    SequencedMap<String, Object> others = new LinkedHashMap<>();
    of(spec)
        .forEach((key, option) -> {
          if (saved(option)) {
            value(option).ifPresent(v -> others.put(key, v));
          }
        });
    return others;
  }

  /// Whether a saved recipe has the flag as given.
  static boolean saved(OptionSpec option) {
    InRecipe mark = mark(option);
    return mark != null && mark.saved();
  }

  /// What a flag is set to, a text, a number, a list or true; empty where it is off or left open.
  static Optional<Object> value(OptionSpec option) {
    return switch (option.<@Nullable Object>getValue()) {
      case null -> Optional.empty();
      case Boolean b -> b ? Optional.of(b) : Optional.empty();
      case Collection<?> c -> c.isEmpty() ? Optional.empty() : Optional.of(c);
      case Number n -> Optional.of(n);
      case Enum<?> e -> Optional.of(e.name().toLowerCase(Locale.ROOT));
      case Object o -> Optional.of(o.toString());
    };
  }

  private static @Nullable InRecipe mark(OptionSpec option) {
    if (!(option.userObject() instanceof Field field)) {
      return null;
    }
    InRecipe own = field.getAnnotation(InRecipe.class);
    return own != null ? own : field.getDeclaringClass().getAnnotation(InRecipe.class);
  }
}
