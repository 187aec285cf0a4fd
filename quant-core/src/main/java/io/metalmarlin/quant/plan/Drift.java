package io.metalmarlin.quant.plan;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.quant.solve.Method;
import java.util.Optional;

/// How far the weights of a linear are moved to make up for what the quantized prefix has done to
/// its input.
///
/// @param share of the least-squares correction, above 0 and at most 1
public record Drift(double share) {
  static final String NONE = "none";

  /// What a recipe says; empty where weights stay the source's.
  public static Optional<Drift> of(Recipe recipe) {
    return recipe.drift().equals(NONE)
        ? Optional.empty()
        : Optional.of(new Drift(Double.parseDouble(recipe.drift())));
  }

  /// The recipe's word for what was asked.
  ///
  /// @throws MarlinException `BAD_FLAG` for anything but `none` and a share, and where a share
  ///   would have no effect
  static String resolve(RecipeRequest ask, Method method, boolean calibrated) {
    String text = ask.drift().orElse(NONE);
    double share = share(text);
    if (share == 0) {
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
    if (ask.sparsity().isPresent() && !ask.sparsity().get().equals(NONE)) {
      throw new MarlinException(
          ErrorCode.BAD_FLAG,
          "--drift " + text,
          "would fill the zeros of weights that are to be sparse",
          "Leave it out with --sparsity.");
    }
    return Double.toString(share);
  }

  private static double share(String text) {
    if (text.equalsIgnoreCase(NONE)) {
      return 0;
    }
    try {
      double share = Double.parseDouble(text);
      if (share >= 0 && share <= 1) {
        return share;
      }
    } catch (NumberFormatException e) {
      // Told below together with numbers out of range.
    }
    throw new MarlinException(
        ErrorCode.BAD_FLAG,
        "--drift " + text,
        "is neither none nor a share from 0 to 1",
        "0.5 is a good first choice.");
  }
}
