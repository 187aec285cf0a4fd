package io.metalmarlin.cli.recipe;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/// The flag of this field, or all flags of this class, are keys of a recipe.
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.TYPE, ElementType.FIELD})
public @interface InRecipe {
  /// Whether the recipe that is saved beside an output has it as given; not where what was resolved
  /// from it is saved instead.
  boolean saved() default true;
}
