package io.metalmarlin.cli.recipe;

import java.util.List;

/// One key of a recipe file with its value as written.
///
/// @param place of the key
/// @param form how the value is written
/// @param items the value's texts: one of a scalar, `NAME=VALUE` each of a mapping
public record RecipeEntry(String key, Place place, Form form, List<Item> items) {
  public RecipeEntry {
    items = List.copyOf(items);
  }

  /// How a value is written.
  public enum Form {
    ONE,
    LIST,
    MAPPING
  }

  /// One text.
  public record Item(String text, Place place) {}
}
