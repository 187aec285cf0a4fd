package io.metalmarlin.quant.report;

import io.metalmarlin.quant.calibrate.ExpertShrinkage;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// How many calibration tokens the router of one layer sent to each expert.
///
/// @param tokens by expert; an expert that is not rounded has none here
/// @param enough tokens from which on an expert's own statistics count alone
/// @param few experts with fewer, none included
/// @param none experts that no token reached
/// @param leaning matrices whose statistics lean on the layer's other experts
/// @param rounded matrices that were rounded instead, because there was nothing to lean on
public record ExpertTokens(
    int layer, List<Long> tokens, long enough, long few, long none, long leaning, long rounded) {
  public ExpertTokens {
    tokens = List.copyOf(tokens);
  }

  /// One for each layer with experts; empty where none were calibrated.
  public static List<ExpertTokens> of(RunReport report) {
    Map<Integer, List<Weight>> layers = new TreeMap<>();
    if (report.calibration().isPresent()) {
      for (Weight w : report.weights()) {
        if (isExpert(w)) {
          layers.computeIfAbsent(w.place().layer(), l -> new ArrayList<>()).add(w);
        }
      }
    }
    return layers.entrySet().stream().map(e -> of(e.getKey(), e.getValue())).toList();
  }

  /// Whether the weights are those of a mixture.
  public static boolean mixture(RunReport report) {
    return report.weights().stream().anyMatch(ExpertTokens::isExpert);
  }

  private static boolean isExpert(Weight w) {
    return w.solve().isPresent() && w.place().expert() != ModulePlace.SINGLE;
  }

  private static ExpertTokens of(int layer, List<Weight> weights) {
    Map<Integer, Long> tokens = new TreeMap<>();
    for (Weight w : weights) {
      tokens.merge(w.place().expert(), w.solve().orElseThrow().tokens(), Math::max);
    }
    // Gate and up read the hidden state, down what is between them; only the former lean.
    long enough = ExpertShrinkage.enough((int) weights.getFirst().solve().orElseThrow().cols());
    return new ExpertTokens(
        layer,
        List.copyOf(tokens.values()),
        enough,
        tokens.values().stream().filter(t -> t < enough).count(),
        tokens.values().stream().filter(t -> t == 0).count(),
        weights.stream().filter(w -> w.solve().orElseThrow().ownShare().orElse(1) < 1).count(),
        weights.stream().filter(w -> w.solve().orElseThrow().fallback().isPresent()).count());
  }
}
