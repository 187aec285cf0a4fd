package io.metalmarlin.cli.recipe;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/// What of a command's flags came from a recipe.
///
/// @param places of the keys that were taken; those that the command line gave as well are not here
public record GivenRecipe(Map<String, Place> places) {
  /// Nothing did.
  public static final GivenRecipe NONE = new GivenRecipe(Map.of());

  public GivenRecipe {
    places = new LinkedHashMap<>(places);
  }

  /// Where a key stands; empty where the recipe did not decide it.
  public Optional<Place> place(String key) {
    return Optional.ofNullable(places.get(key));
  }

  /// The same error, with the place in the recipe where it is about a flag that the recipe gave.
  public MarlinException located(MarlinException e) {
    return places.entrySet().stream()
        .filter(p -> isAbout(e.where(), "--" + p.getKey().replace('_', '-')))
        .findFirst()
        .map(p ->
            new MarlinException(
                e.code() == ErrorCode.BAD_FLAG ? ErrorCode.BAD_RECIPE : e.code(),
                p.getValue().text() + ": " + e.where(),
                e.getMessage(),
                e.hint(),
                e))
        .orElse(e);
  }

  private static boolean isAbout(String where, String flag) {
    return where.equals(flag) || where.startsWith(flag + " ");
  }
}
