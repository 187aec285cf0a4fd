package io.metalmarlin.quant.sensitivity;

import io.metalmarlin.formats.model.WeightId;
import io.metalmarlin.quant.plan.Recipe;
import io.metalmarlin.runtime.eval.SuffixDivergence;
import io.metalmarlin.runtime.load.Models;
import io.metalmarlin.runtime.model.MixtureOfExperts;
import io.metalmarlin.runtime.model.Model;
import io.metalmarlin.runtime.model.ModelSpec;
import io.metalmarlin.runtime.model.ModelSpec.Branch;
import io.metalmarlin.runtime.model.ModelSpec.Linear;
import java.util.List;

/// How many windows each trial of a [Measurement] runs where the user names no number: as many as
/// keep all of them below [#EVALUATIONS] evaluations of the text for each scheme. A deep model has
/// more units and longer trials, and so gets fewer; the same tokens serve all units, which are
/// compared with each other and not with another text.
///
/// Counted in products of a token with a weight, from the declaration alone, so that the number
/// does not depend on the machine.
public final class CostWindows {
  /// More add nothing to the order of the units on the models measured.
  public static final int MOST = 16;

  private static final int EVALUATIONS = 2;

  private CostWindows() {}

  /// @param recipe any of those to be measured
  /// @param available whole windows that the text has; an evaluation runs them all, through the
  ///   model and its reference
  /// @return 1 to [#MOST], at most `available`; 1 also of a text that has none
  public static int affordable(Model model, Recipe recipe, int available, int context) {
    Model apart = Models.expertsApart(model);
    ModelSpec spec = apart.spec();
    List<Unit> units = Unit.rounded(apart, recipe);
    double head = products(spec.head().linear());
    double[] behind = new double[spec.blocks().size() + 1];
    for (int b = spec.blocks().size() - 1; b >= 0; b--) {
      behind[b] =
          behind[b + 1]
              + spec.blocks().get(b).branches().stream().mapToDouble(CostWindows::products).sum();
    }
    double evaluation = 2 * available * (behind[0] + head);
    double suffixes = units.stream().mapToDouble(u -> behind[u.layer()]).sum();
    for (int windows = Math.min(MOST, available); windows > 1; windows--) {
      int heads = SuffixDivergence.keepsLogits(spec, windows, context) ? 1 : 2;
      if (windows * (suffixes + heads * head * units.size()) <= EVALUATIONS * evaluation) {
        return windows;
      }
    }
    return 1;
  }

  private static double products(Branch branch) {
    double share =
        branch.mixer() instanceof MixtureOfExperts m
            ? (double) m.router().chosen() / m.experts().size()
            : 1;
    return branch.mixer().linears().stream()
        .mapToDouble(l -> products(l) * (l.id().expert() == WeightId.SINGLE ? 1 : share))
        .sum();
  }

  private static double products(Linear l) {
    return (double) l.out() * l.in();
  }
}
