package io.metalmarlin.runtime.model;

import io.metalmarlin.runtime.model.ModelSpec.Linear;
import io.metalmarlin.runtime.model.ModelSpec.Parameter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/// Many MLPs of which each token uses few: the weighted sum of the results of those its router
/// chooses, and the result of one that all tokens use.
///
/// Stages: the router, and the products up of all MLPs; the products down. An expert's linears have
/// an input group of their own, for they see only the tokens that were sent to it.
///
/// @param experts all of the same widths
/// @param shared the MLP of all tokens
public record MixtureOfExperts(Router router, List<Mlp> experts, Optional<Shared> shared)
    implements Mixer {
  public MixtureOfExperts {
    experts = List.copyOf(experts);
    if (experts.size() != router.experts() || router.chosen() > experts.size()) {
      throw new IllegalArgumentException(experts.size() + " experts for " + router);
    }
  }

  /// An MLP that all tokens use.
  ///
  /// @param weight to one value, whose sigmoid multiplies the result
  public record Shared(Mlp mlp, Optional<Linear> weight) {}

  /// This mixture with other experts, as many.
  public MixtureOfExperts experts(UnaryOperator<Mlp> change) {
    return new MixtureOfExperts(router, experts.stream().map(change).toList(), shared);
  }

  @Override
  public List<List<Linear>> stages() {
    List<Linear> up = new ArrayList<>();
    List<Linear> down = new ArrayList<>();
    up.add(router.linear());
    shared.ifPresent(s -> {
      s.weight().ifPresent(up::add);
      up.addAll(s.mlp().inner().linears());
      down.add(s.mlp().down());
    });
    for (Mlp e : experts) {
      up.addAll(e.inner().linears());
      down.add(e.down());
    }
    return List.of(up, down);
  }

  @Override
  public List<Parameter> parameters() {
    return router.correction().stream().toList();
  }
}
