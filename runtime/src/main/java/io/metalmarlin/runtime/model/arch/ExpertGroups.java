package io.metalmarlin.runtime.model.arch;

import io.metalmarlin.formats.model.ModelConfig;
import io.metalmarlin.runtime.model.Router.Groups;

/// Groups of experts from `n_group` and `topk_group`.
final class ExpertGroups {
  private ExpertGroups() {}

  /// @param best scores whose sum is a group's score
  static Groups of(ModelConfig config, int experts, int best) {
    int count = ConfigChecks.positive(config, "n_group", 1);
    int kept = ConfigChecks.positive(config, "topk_group", 1);
    ConfigChecks.divides(config, "n_group", count, "the number of experts", experts);
    int chosen = config.requireInt("num_experts_per_tok");
    if (kept > count || chosen > kept * (experts / count) || best > experts / count) {
      throw ConfigChecks.malformed(
          config,
          "%d experts of each token do not fit in %d of %d groups of %d"
              .formatted(chosen, kept, count, experts / count));
    }
    return new Groups(count, kept, best);
  }
}
