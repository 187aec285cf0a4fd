package io.metalmarlin.cli.page;

import io.metalmarlin.cli.out.Figures;
import io.metalmarlin.quant.report.Costs;
import io.metalmarlin.quant.report.Costs.Cost;
import io.metalmarlin.quant.report.Costs.Unit;
import io.metalmarlin.quant.report.Facts;
import io.metalmarlin.quant.report.Gap;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What each unit costs at the output under each scheme, and what a budget chose.
final class SensitivitySection {
  private SensitivitySection() {}

  static void write(Html html, Facts facts) {
    facts.gap(Gap.Topic.SENSITIVITY).ifPresent(g -> Section.gap(html, g));
    facts.run().costs().ifPresent(c -> costs(html, c));
  }

  private static void costs(Html html, Costs c) {
    html.leaf(
        "p",
        "Mean KL divergence of the output, in nats, when one unit alone is rounded by %s: %d windows of %d tokens of %s (%s)."
            .formatted(c.method(), c.windows(), c.context(), c.dataset(), c.mode()));
    boolean estimated =
        c.units().stream().flatMap(u -> u.costs().stream()).anyMatch(k -> !k.measured());
    boolean chosen = c.units().stream().anyMatch(u -> u.chosen().isPresent());
    c.choice()
        .ifPresent(k ->
            html.leaf(
                "p",
                "Chosen for %s: %s bits per weight, predicted divergence %s (at least %s at this size)."
                    .formatted(
                        k.budget(),
                        Figures.fixed(k.bitsPerWeight(), 4),
                        Digits.of(k.predictedKld()),
                        Digits.of(k.bound()))));
    c.rankCorrelation()
        .ifPresent(r ->
            html.leaf(
                "p",
                "Rank correlation of the fast mode with these figures: " + Digits.of(r) + "."));
    List<String> schemes =
        c.units().stream().flatMap(u -> u.costs().stream()).map(Cost::scheme).distinct().toList();
    List<String> headings = new ArrayList<>(List.of("Unit", ">Weights"));
    schemes.forEach(s -> headings.add(">" + s));
    Heat heat = Heat.of(c.units().stream().flatMap(u -> u.costs().stream()).mapToDouble(Cost::kld));
    Tables t = Tables.open(html, "KL divergence by unit and scheme", headings);
    for (Unit u : c.units()) {
      html.open("tr");
      t.cell(0, u.unit());
      t.cell(1, Figures.count(u.weights()));
      for (String scheme : schemes) {
        Optional<Cost> cost = u.costs().stream().filter(k -> k.scheme().equals(scheme)).findFirst();
        boolean mine = u.chosen().filter(scheme::equals).isPresent();
        html.leaf(
            "td",
            (mine ? "● " : "")
                + cost.map(k -> (k.measured() ? "" : "~") + Digits.of(k.kld()))
                    .orElse(Figures.NONE),
            "class",
            "n " + cost.map(k -> heat.level(k.kld())).orElse("") + (mine ? " chosen" : ""));
      }
      html.close();
    }
    t.close();
    if (chosen) {
      html.leaf("p", "● the scheme that the budget gave the unit", "class", "note");
    }
    if (estimated) {
      html.leaf(
          "p",
          "~ not measured: follows from how far the scheme moves the weights",
          "class",
          "note");
    }
  }
}
