package io.metalmarlin.cli.recipe;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;

/// Refusals of recipe files.
final class RecipeErrors {
  static final String DOCUMENT = "docs/recipes.md shows the form.";

  private RecipeErrors() {}

  static MarlinException at(Place place, String what, String hint) {
    return of(place.text(), what, hint);
  }

  static MarlinException of(String where, String what, String hint) {
    return new MarlinException(ErrorCode.BAD_RECIPE, where, what, hint);
  }
}
