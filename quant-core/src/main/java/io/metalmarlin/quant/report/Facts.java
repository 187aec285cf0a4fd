package io.metalmarlin.quant.report;

import java.util.List;
import java.util.Optional;

/// A report with everything that follows from it: what the page shows and `--json` prints.
///
/// @param experts one for each calibrated layer with experts
/// @param gaps what the folder does not hold
public record Facts(RunReport run, Sums sums, List<ExpertTokens> experts, List<Gap> gaps) {
  public static Facts of(RunReport run) {
    return new Facts(run, Sums.of(run.weights()), ExpertTokens.of(run), Gap.of(run));
  }

  /// Why a part is not there; empty where it is.
  public Optional<Gap> gap(Gap.Topic topic) {
    return gaps.stream().filter(g -> g.topic() == topic).findFirst();
  }

  /// Rounded matrices whose numbers changed.
  public long changed() {
    return run.weights().stream().filter(w -> w.error().orElse(1) > 0).count();
  }
}
