package io.metalmarlin.quant.report;

import io.metalmarlin.quant.report.RunReport.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// A part of the page for which the folder holds nothing.
///
/// @param topic where it would stand
/// @param why it is not there
/// @param command that records or measures it; empty where none can
public record Gap(Topic topic, String why, Optional<String> command) {
  /// What a page shows.
  public enum Topic {
    COMMAND,
    QUALITY,
    HISTOGRAM,
    SIZES,
    BITS,
    SENSITIVITY,
    EXPERTS,
    FILES
  }

  private static final String OLDER =
      "The version of marlin that made this folder did not record it.";

  /// Every gap of a report, in the order of the page.
  public static List<Gap> of(RunReport r) {
    List<Gap> gaps = new ArrayList<>();
    boolean convert = r.kind() == Kind.CONVERT;
    String again = "marlin " + (convert ? "convert" : "quantize") + " SOURCE -o DIR --overwrite";
    if (r.command().isEmpty()) {
      gaps.add(gap(Topic.COMMAND, OLDER, again));
    }
    if (r.quality().flatMap(Quality::divergence).isEmpty()) {
      gaps.add(
          gap(
              Topic.QUALITY,
              convert
                  ? "Converting measures no model."
                  : "The output was not measured against its source: --eval-windows 0, or a family"
                      + " that marlin does not run.",
              convert
                  ? "marlin eval DIR --reference SOURCE"
                  : "marlin quantize SOURCE -o DIR --overwrite --eval-windows 16"));
    } else if (r.quality().flatMap(Quality::divergence).orElseThrow().histogram().isEmpty()) {
      gaps.add(gap(Topic.HISTOGRAM, OLDER, again));
    }
    if (r.kept().isEmpty()) {
      gaps.add(gap(Topic.SIZES, OLDER, again));
    }
    if (r.weights().stream().anyMatch(w -> w.bits().isEmpty())) {
      gaps.add(gap(Topic.BITS, OLDER, again));
    }
    if (r.costs().isEmpty() && !convert) {
      gaps.add(
          gap(
              Topic.SENSITIVITY,
              "No budget was given, so no costs were measured.",
              "marlin sensitivity SOURCE -o costs.json && marlin report DIR --sensitivities costs.json"));
    }
    if (ExpertTokens.mixture(r) && r.calibration().isEmpty()) {
      gaps.add(
          gap(
              Topic.EXPERTS,
              "Nothing was calibrated, so no tokens were counted.",
              "marlin quantize SOURCE -o DIR --overwrite --method full"));
    }
    if (r.files().isEmpty()) {
      gaps.add(new Gap(Topic.FILES, "The folder has no marlin-manifest.json.", Optional.of(again)));
    }
    return gaps;
  }

  private static Gap gap(Topic topic, String why, String command) {
    return new Gap(topic, why, Optional.of(command));
  }
}
