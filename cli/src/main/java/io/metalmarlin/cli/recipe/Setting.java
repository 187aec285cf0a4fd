package io.metalmarlin.cli.recipe;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/// One setting of a run and who decided it.
///
/// @param value as a flag takes it, or a list of such
/// @param place in the recipe; null where the recipe did not decide it
public record Setting(String key, Object value, From from, @Nullable Place place) {
  /// What an allocation decides.
  private static final List<String> SCHEMES = List.of("scheme", "group_size", "override");

  /// Who decided a setting.
  public enum From {
    FLAG,
    RECIPE,
    /// The allocation that a budget asked for.
    BUDGET,
    /// The method, the target and the model.
    DEFAULT
  }

  /// Every setting of a run, in the order of the flags.
  ///
  /// @param spec after parsing
  /// @param resolved the recipe's own
  /// @param budget whether an allocation chose the schemes
  public static List<Setting> of(
      CommandSpec spec, Map<String, Object> resolved, GivenRecipe recipe, boolean budget) {
    SequencedMap<String, OptionSpec> keys = RecipeKeys.of(spec);
    List<Setting> settings = new ArrayList<>();
    keys.forEach((key, option) -> {
      boolean counts = budget || RecipeKeys.saved(option) || resolved.containsKey(key);
      Object value = resolved.getOrDefault(key, RecipeKeys.value(option).orElse(null));
      if (counts && value != null) {
        boolean given = spec.commandLine().getParseResult().hasMatchedOption(option);
        Place place = recipe.place(key).orElse(null);
        boolean chosen = budget && SCHEMES.contains(key);
        settings.add(new Setting(key, value, from(chosen, place != null, given), place));
      }
    });
    return settings;
  }

  private static From from(boolean chosen, boolean recipe, boolean given) {
    if (chosen) {
      return From.BUDGET;
    }
    return recipe ? From.RECIPE : given ? From.FLAG : From.DEFAULT;
  }
}
