package io.metalmarlin.quant.plan;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.quant.solve.Method;
import io.metalmarlin.quant.solve.PruneRule;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What `--sparsity` and `--sparsity-method` ask for.
final class Sparsities {
  private Sparsities() {}

  /// How to prune, or null for dense weights.
  ///
  /// @throws MarlinException `BAD_FLAG` for an unknown value, a rule that needs the calibration
  ///   data the method does not use, and a rotation
  static @Nullable PruneRule resolve(RecipeRequest ask, Method method) {
    String asked = ask.sparsity().orElse("none").toLowerCase(Locale.ROOT);
    if (asked.equals("none")) {
      refuse(
          ask.sparsityMethod().isPresent(),
          "--sparsity-method",
          "has no effect without --sparsity 2:4",
          "Leave it out, or give --sparsity 2:4.");
      return null;
    }
    refuse(
        !asked.equals("2:4"),
        "--sparsity " + asked,
        "is not a known value",
        "Use one of none, 2:4.");
    String transform = ask.transform().orElse("auto").toLowerCase(Locale.ROOT);
    refuse(
        !transform.equals("auto") && !transform.equals("none"),
        "--transform " + transform,
        "mixes the columns whose pattern --sparsity 2:4 chooses",
        "Leave it out, or use --transform none.");
    PruneRule rule = ask.sparsityMethod().map(Sparsities::rule).orElse(byMethod(method));
    refuse(
        rule.needsStatistics() && !method.needsStatistics(),
        "--sparsity-method " + rule.name().toLowerCase(Locale.ROOT),
        "needs the calibration data that --method " + method.name() + " does not use",
        "Use --sparsity-method magnitude, or a calibrated method such as "
            + Recipes.DEFAULT_METHOD
            + ".");
    return rule;
  }

  private static PruneRule byMethod(Method method) {
    return method.needsStatistics() ? PruneRule.SPARSEGPT : PruneRule.MAGNITUDE;
  }

  private static PruneRule rule(String text) {
    Optional<PruneRule> known =
        java.util.Arrays.stream(PruneRule.values())
            .filter(r -> r.name().equalsIgnoreCase(text))
            .findFirst();
    refuse(
        known.isEmpty(),
        "--sparsity-method " + text,
        "is not a known value",
        "Use one of sparsegpt, wanda, magnitude.");
    return known.orElseThrow();
  }

  private static void refuse(boolean wrong, String where, String what, String hint) {
    if (wrong) {
      throw new MarlinException(ErrorCode.BAD_FLAG, where, what, hint);
    }
  }
}
