package io.metalmarlin.quant.convert;

import io.metalmarlin.quant.Version;
import java.util.List;
import java.util.Locale;

/// The output's `README.md`: what was converted from what, and whether anything was lost. Holds no
/// time, so it repeats byte for byte.
final class ConvertCard {
  private static final int WORST = 10;

  private ConvertCard() {}

  static String write(ConvertPlan plan, ConvertResult result, ConvertOptions options) {
    ConvertRequest r = plan.request();
    String base = options.sourceName();
    StringBuilder card = new StringBuilder("---\n");
    card.append("base_model: ").append(base).append('\n');
    card.append("base_model_relation: quantized\n");
    card.append("quantized_by: metal-marlin\n");
    card.append("pipeline_tag: text-generation\n");
    card.append("tags:\n- ").append(r.to().name()).append("\n---\n\n");
    card.append("# ").append(plan.output().getFileName()).append("\n\n");
    card.append(
        text(
            "%s converted from %s to %s by Metal Marlin %s.\n\n",
            base, plan.source().dialect().name(), r.to().name(), Version.current()));
    card.append(verdict(result)).append("\n\n");
    worst(card, result.lossy());
    if (!plan.dropped().isEmpty()) {
      card.append(
          text(
              "Dropped, because %s has no place for them: %d tensors (`report.json` names them).\n\n",
              r.to().name(), plan.dropped().size()));
    }
    card.append("```\n").append(String.join(" ", options.command())).append("\n```\n\n");
    card.append(
        "What happened to each tensor is in `report.json`, digests of every file in"
            + " `marlin-manifest.json`.\n");
    return card.toString();
  }

  /// One sentence about what was lost.
  static String verdict(ConvertResult result) {
    long lossy = result.lossy().size();
    if (lossy > 0) {
      return text(
          "%d of %d tensors were rounded; the largest relative error is %.5f.",
          lossy, result.tensors().size(), result.lossy().getFirst().relativeError());
    }
    return result.ulps() == 0
        ? "Lossless: every weight is the number it was."
        : text(
            "Lossless: all codes and group scales are the same bytes. Tensor scales became their"
                + " reciprocals, which moves a weight by at most %d units in the last place of fp32.",
            result.ulps());
  }

  private static void worst(StringBuilder card, List<TensorReport> lossy) {
    if (lossy.isEmpty()) {
      return;
    }
    card.append("| largest errors | from | to | relative error |\n|---|---|---|---|\n");
    lossy.stream()
        .limit(WORST)
        .forEach(t ->
            card.append(
                text("| %s | %s | %s | %.6f |\n", t.name(), t.from(), t.to(), t.relativeError())));
    card.append('\n');
  }

  private static String text(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}
