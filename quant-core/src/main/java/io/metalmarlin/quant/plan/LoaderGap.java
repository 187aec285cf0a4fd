package io.metalmarlin.quant.plan;

import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.runtime.model.Model;
import io.metalmarlin.runtime.model.ModelSpec;
import io.metalmarlin.runtime.model.ModelSpec.Linear;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Linears for which a target's loader has no packed form, so that they stay as they are: a class
/// for each reason, and a line in [#of].
interface LoaderGap {
  /// Those that a model could have.
  ///
  /// @param model with its experts one by one
  static List<LoaderGap> of(Model model, Target target) {
    return List.of(
        StackedExperts.of(model, target),
        new SplitLatents(model.spec(), target),
        new PermutedHeads(model.spec(), target));
  }

  ModelSpec spec();

  /// Of the warning, for example `W307`.
  String code();

  /// Why a tensor is kept, for a table.
  String reason();

  /// The linears that stay, in running order.
  List<Linear> kept();

  /// What a warning says of some of them.
  ///
  /// @param weights in all of them
  String message(List<Linear> kept, long weights);

  /// What cannot be asked for together with this.
  ///
  /// @param ignored linears that stay for another reason
  default List<MarlinException> refusals(Set<Linear> ignored) {
    return List.of();
  }

  /// One warning for all that stay for no other reason.
  default Optional<Plan.Warning> warning(Set<Linear> ignored) {
    List<Linear> kept = kept().stream().filter(l -> !ignored.contains(l)).toList();
    if (kept.isEmpty()) {
      return Optional.empty();
    }
    long weights = kept.stream().mapToLong(l -> (long) l.out() * l.in()).sum();
    return Optional.of(
        new Plan.Warning(code(), spec().tensor(kept.getFirst()), message(kept, weights)));
  }
}
