package io.metalmarlin.quant.plan;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.scheme.GroupScheme;
import io.metalmarlin.formats.scheme.Scheme;
import io.metalmarlin.formats.scheme.TrellisScheme;
import io.metalmarlin.quant.solve.Method;
import io.metalmarlin.quant.solve.SolveOptions;
import io.metalmarlin.quant.solve.SolveOptions.ColumnOrder;
import io.metalmarlin.quant.solve.SolveOptions.ScaleRule;
import java.util.Locale;

/// Which scales, order and damping of error feedback go together, and what a method takes where
/// they are left open.
final class FeedbackRules {
  private static final int MOST_CYCLES = 100;

  private FeedbackRules() {}

  /// @param weights the grid or the block type
  /// @throws MarlinException `BAD_FLAG` for replay where no feedback or no group of a few columns
  ///   is, for a trellis without feedback or with a choice of scales
  static ScaleRule scales(RecipeRequest ask, Method method, Scheme weights) {
    if (weights instanceof TrellisScheme) {
      refuse(
          !method.needsStatistics(),
          "--method " + method.name(),
          "rounds every weight on its own, and a trellis codes whole columns together",
          "Use --method mr-gptq.");
      refuse(
          ask.scales().isPresent(),
          "--scales " + ask.scales().orElse(""),
          "has no effect on a trellis, whose scales follow the spread of a group",
          "Leave it out.");
      return ScaleRule.SPREAD;
    }
    boolean possible =
        weights instanceof GroupScheme grid && SolveOptions.replays(grid, grid.groupSize());
    if (ask.scales().isEmpty()) {
      ScaleRule rule = method.defaults().scales();
      return rule == ScaleRule.REPLAY && !possible ? ScaleRule.MSE : rule;
    }
    ScaleRule rule = scaleRule(ask.scales().get());
    refuse(
        rule == ScaleRule.REPLAY && !method.needsStatistics(),
        "--scales replay",
        "replays error feedback, and --method " + method.name() + " has none",
        "Use --scales mse, or --method full.");
    refuse(
        rule == ScaleRule.REPLAY && !possible,
        "--scales replay",
        "rounds a group once for each candidate, and groups of this scheme are too wide for that",
        "Use --scales mse, or a --group-size of at most 256.");
    return rule;
  }

  /// @throws MarlinException `BAD_FLAG` for an order that scatters groups which must stay together
  static ColumnOrder order(RecipeRequest ask, Method method, ScaleRule scales) {
    ColumnOrder order = ask.order().map(FeedbackRules::order).orElse(method.defaults().order());
    refuse(
        order == ColumnOrder.ACT && scales == ScaleRule.REPLAY,
        "--scales replay",
        "needs the columns of a group together, and --order act scatters them",
        "Use --order gar, or --scales mse.");
    return order;
  }

  /// @throws MarlinException `BAD_FLAG` for what pruning does not go with
  static void checkSparsity(
      boolean sparse, RecipeRequest ask, Method method, ScaleRule scales, ColumnOrder order) {
    refuse(
        sparse && scales == ScaleRule.REPLAY,
        "--sparsity 2:4",
        "chooses its scales before the columns, so it goes with neither --method full nor --scales replay",
        "Use --method mr-gptq.");
    refuse(
        sparse && refine(ask, method) > 0,
        "--sparsity 2:4",
        "keeps its masks, and refinement knows none",
        "Use --refine 0, or --method mr-gptq.");
    refuse(
        sparse && order == ColumnOrder.GAR,
        "--sparsity 2:4",
        "keeps quads of columns in their own order, so it does not go with --order gar"
            + (method.name().equals("full") ? " of --method full" : ""),
        "Use --method mr-gptq, or --order act.");
  }

  /// @throws MarlinException `BAD_FLAG` out of range
  static double damping(RecipeRequest ask, Method method) {
    double damping = ask.damping().orElse(method.defaults().damping());
    refuse(
        !(damping >= 0 && damping <= 1),
        "--damp " + damping,
        "must lie between 0 and 1 (relative to the mean diagonal of the Hessian)",
        "Typical values are 0.01 to 0.1.");
    return damping;
  }

  /// @throws MarlinException `BAD_FLAG` out of range
  static double shrink(RecipeRequest ask, Method method) {
    double shrink = ask.shrink().orElse(method.defaults().shrink());
    refuse(
        !(shrink >= 0 && shrink <= 1),
        "--shrink " + shrink,
        "must lie between 0 and 1 (relative to each diagonal entry of the Hessian)",
        "Typical values are 0.02 to 0.2.");
    return shrink;
  }

  /// @throws MarlinException `BAD_FLAG` out of range
  static int refine(RecipeRequest ask, Method method) {
    int refine = ask.refine().orElse(method.defaults().refine());
    refuse(
        refine < 0 || refine > MOST_CYCLES,
        "--refine " + refine,
        "must lie between 0 and " + MOST_CYCLES,
        "4 is what --method full takes; 0 leaves refinement out.");
    return refine;
  }

  private static ScaleRule scaleRule(String text) {
    return switch (text.toLowerCase(Locale.ROOT)) {
      case "absmax" -> ScaleRule.ABSMAX;
      case "mse" -> ScaleRule.MSE;
      case "replay" -> ScaleRule.REPLAY;
      default -> throw Recipes.unknown("--scales", text, "absmax, mse, replay");
    };
  }

  private static ColumnOrder order(String text) {
    return switch (text.toLowerCase(Locale.ROOT)) {
      case "act" -> ColumnOrder.ACT;
      case "natural" -> ColumnOrder.NATURAL;
      case "gar" -> ColumnOrder.GAR;
      default -> throw Recipes.unknown("--order", text, "act, natural, gar");
    };
  }

  private static void refuse(boolean wrong, String where, String what, String hint) {
    if (wrong) {
      throw new MarlinException(ErrorCode.BAD_FLAG, where, what, hint);
    }
  }
}
