package io.metalmarlin.quant.plan;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.model.Activations;
import io.metalmarlin.formats.model.NamedScheme;
import io.metalmarlin.formats.scheme.GroupScheme;
import io.metalmarlin.formats.scheme.TrellisScheme;
import io.metalmarlin.quant.solve.Method;
import java.util.Locale;
import java.util.Optional;

/// Whether changes of scale are folded into the weights before an input.
public final class Folds {
  /// Tokens that folds are chosen on at most: one half to solve with, the other to choose by.
  public static final int TOKENS = 2 * 8192;

  /// Rows of an input's linears that are solved for it, all of them together.
  public static final int ROWS = 256;

  /// What trials that run side by side may hold.
  public static final long TRIAL_BYTES = 256L << 20;

  private static final String NONE = "none";
  private static final String AUTO = "auto";

  private Folds() {}

  /// What one trial holds beside what it was given, but for its rows: both statistics scaled, and a
  /// factor.
  ///
  /// @param cols the input's width
  public static long trialBytes(long cols) {
    return (2 * 8 + 8) * cols * cols;
  }

  /// Whether a recipe asks for them.
  public static boolean wanted(Recipe recipe) {
    return chosen(recipe.fold());
  }

  static boolean chosen(String fold) {
    return fold.equals(AUTO);
  }

  /// The recipe's word for what was asked.
  ///
  /// @throws MarlinException `BAD_FLAG` for another word, and where it would have no effect
  static String resolve(RecipeRequest ask, Method method, NamedScheme scheme, boolean calibrated) {
    Optional<String> reason = impossible(ask, method, scheme, calibrated);
    if (ask.fold().isEmpty()) {
      return reason.isEmpty() && method.folds() ? AUTO : NONE;
    }
    String text = ask.fold().get().toLowerCase(Locale.ROOT);
    if (!text.equals(NONE) && !text.equals(AUTO)) {
      throw Recipes.unknown("--fold", text, "none, auto");
    }
    if (text.equals(AUTO) && reason.isPresent()) {
      throw new MarlinException(
          ErrorCode.BAD_FLAG, "--fold auto", reason.get(), "Leave it out, or use --fold none.");
    }
    return text;
  }

  /// Why nothing is folded whatever was asked.
  private static Optional<String> impossible(
      RecipeRequest ask, Method method, NamedScheme scheme, boolean calibrated) {
    if (!calibrated || ask.imatrix().isPresent()) {
      return Optional.of("is chosen on calibration data, of which there is none here");
    }
    if (!ask.sparsity().orElse(NONE).equals(NONE)) {
      return Optional.of("is not tried with sparse weights");
    }
    if (scheme.activations() != Activations.NONE) {
      return Optional.of(
          "looks at the rounding of weights alone, and " + scheme.name() + " rounds inputs too");
    }
    if (scheme.weights() instanceof TrellisScheme) {
      return Optional.of("is not tried with a trellis");
    }
    if (scheme.weights() instanceof GroupScheme grid && grid.groupRows() != 1) {
      return Optional.of("has little to do where a scale spans several rows");
    }
    return method.name().equals("imatrix")
        ? Optional.of("is tried with error feedback, which --method imatrix has not")
        : Optional.empty();
  }
}
