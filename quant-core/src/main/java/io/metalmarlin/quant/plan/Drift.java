package io.metalmarlin.quant.plan;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.quant.solve.Method;
import java.util.Locale;
import java.util.Optional;

/// How far the weights of a linear are moved to make up for what the quantized prefix has done to
/// its input.
///
/// @param automatic whether the share is chosen for each input
/// @param share of the least-squares correction, above 0 and at most 1; all of it where automatic
public record Drift(boolean automatic, double share) {
  static final String NONE = "none";
  private static final String AUTO = "auto";

  /// What a recipe says; empty where weights stay the source's.
  public static Optional<Drift> of(Recipe recipe) {
    return switch (recipe.drift()) {
      case NONE -> Optional.empty();
      case AUTO -> Optional.of(new Drift(true, 1));
      default -> Optional.of(new Drift(false, Double.parseDouble(recipe.drift())));
    };
  }

  /// The recipe's word for what was asked.
  ///
  /// @throws MarlinException `BAD_FLAG` for anything but `none`, `auto` and a share, and where it
  ///   would have no effect
  static String resolve(RecipeRequest ask, Method method, boolean calibrated) {
    boolean sparse = !ask.sparsity().orElse(NONE).equals(NONE);
    if (ask.drift().isEmpty()) {
      return calibrated && !sparse ? method.drift() : NONE;
    }
    String text = ask.drift().get().toLowerCase(Locale.ROOT);
    String word = text.equals(AUTO) ? AUTO : share(text);
    if (word.equals(NONE)) {
      return NONE;
    }
    if (!calibrated) {
      throw new MarlinException(
          ErrorCode.BAD_FLAG,
          "--drift " + text,
          "compares inputs on calibration data, which "
              + (ask.imatrix().isPresent() ? "--imatrix" : "--method " + method.name())
              + " does not use",
          "Leave it out, or use a calibrated method such as " + Recipes.DEFAULT_METHOD + ".");
    }
    if (sparse) {
      throw new MarlinException(
          ErrorCode.BAD_FLAG,
          "--drift " + text,
          "would fill the zeros of weights that are to be sparse",
          "Leave it out with --sparsity.");
    }
    return word;
  }

  private static String share(String text) {
    if (text.equals(NONE)) {
      return NONE;
    }
    try {
      double share = Double.parseDouble(text);
      if (share >= 0 && share <= 1) {
        return share == 0 ? NONE : Double.toString(share);
      }
    } catch (NumberFormatException e) {
      // Told below together with numbers out of range.
    }
    throw new MarlinException(
        ErrorCode.BAD_FLAG,
        "--drift " + text,
        "is neither none, auto nor a share from 0 to 1",
        "auto chooses for each input.");
  }
}
