package io.metalmarlin.cli.command;

import io.metalmarlin.quant.plan.Recipe;
import io.metalmarlin.quant.plan.SchemeRule;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// Where an output goes when `-o` is not given: `<Model>-<Scheme>` in the working folder, with the
/// group size where the scheme leaves it open, and as mlx-lm's users write it for theirs.
final class OutputNames {
  private static final Pattern INTEGERS = Pattern.compile("W(\\d)A16(_ASYM)?");

  private OutputNames() {}

  /// @param model the last part of what the user named: a folder's name or the name after `org/`
  static Path folder(Path workingFolder, String model, Recipe recipe) {
    return workingFolder.resolve(model + "-" + suffix(recipe) + others(recipe));
  }

  /// The schemes of overrides; a mix has them in its name.
  private static String others(Recipe recipe) {
    return recipe.mix()
        ? ""
        : recipe.rules().stream()
            .map(SchemeRule::scheme)
            .filter(s -> !s.equals(SchemeRule.SOURCE))
            .distinct()
            .map(s -> "-" + s)
            .collect(Collectors.joining());
  }

  private static String suffix(Recipe recipe) {
    Matcher integers = INTEGERS.matcher(recipe.scheme());
    if (recipe.target().equals("mlx-lm") && integers.matches()) {
      return integers.group(1) + "bit";
    }
    return switch (recipe.groupSize()) {
      case 0 -> recipe.schemeName();
      case Recipe.CHANNEL -> recipe.schemeName() + "-channel";
      default -> recipe.schemeName() + "-G" + recipe.groupSize();
    };
  }
}
