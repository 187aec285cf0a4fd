package io.metalmarlin.cli.view;

import io.metalmarlin.quant.job.Prediction;
import io.metalmarlin.quant.sensitivity.Allocation;
import io.metalmarlin.quant.sensitivity.Allocation.Chosen;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/// An [Allocation] for machines and people.
public final class AllocationView {
  private AllocationView() {}

  public static JsonNode json(Allocation a) {
    return Records.JSON.valueToTree(a);
  }

  /// What was chosen and how good it can be.
  public static String line(Allocation a) {
    Map<String, Long> counts =
        a.units().stream()
            .collect(Collectors.groupingBy(Chosen::scheme, TreeMap::new, Collectors.counting()));
    return String.format(
        Locale.ROOT,
        "%s: %.4f bits per weight, predicted KLD %.5f (at least %.5f at this cost; costs rounded up to %d %s); units: %s",
        a.budget(),
        a.bitsPerWeight(),
        a.predictedKld(),
        a.bound(),
        a.bucket(),
        a.unit(),
        counts.entrySet().stream()
            .map(e -> e.getKey() + " " + e.getValue())
            .collect(Collectors.joining(", ")));
  }

  /// The prediction beside what was measured.
  public static String compared(Prediction p) {
    return String.format(
        Locale.ROOT,
        "predicted KLD (sum of the units' costs) %.5f, measured %.5f%s%n",
        p.predicted(),
        p.measured(),
        p.holds()
            ? ""
            : ": %.2f times, more than a factor of %.1f apart"
                .formatted(p.ratio(), Prediction.FACTOR));
  }
}
