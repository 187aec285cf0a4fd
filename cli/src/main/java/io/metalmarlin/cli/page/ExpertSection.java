package io.metalmarlin.cli.page;

import io.metalmarlin.cli.out.Figures;
import io.metalmarlin.quant.report.ExpertTokens;
import io.metalmarlin.quant.report.Facts;
import io.metalmarlin.quant.report.Gap;
import io.metalmarlin.quant.report.RunReport.Kept;
import io.metalmarlin.quant.report.Weight;
import java.util.List;

/// Which experts the calibration tokens reached.
final class ExpertSection {
  private static final int NAMED = 20;

  private ExpertSection() {}

  static void write(Html html, Facts facts) {
    facts.gap(Gap.Topic.EXPERTS).ifPresent(g -> Section.gap(html, g));
    routers(html, facts);
    if (facts.experts().isEmpty()) {
      return;
    }
    long few = facts.experts().stream().mapToLong(ExpertTokens::few).sum();
    long all = facts.experts().stream().mapToLong(e -> e.tokens().size()).sum();
    html.leaf(
        "p",
        ("Calibration tokens that the router sent to each expert; a field is an expert, darker with more"
                + " tokens, crossed out without any. An expert's statistics count alone from %s tokens on;"
                + " %s of %s experts saw fewer: their gate and up lean on the layer's other experts in"
                + " proportion, and a matrix without any token and nothing to lean on is rounded instead.")
            .formatted(
                Figures.count(facts.experts().getFirst().enough()),
                Figures.count(few),
                Figures.count(all)));
    table(html, facts.experts());
    rounded(html, facts);
  }

  private static void table(Html html, List<ExpertTokens> experts) {
    Heat heat = Heat.of(experts.stream().flatMap(e -> e.tokens().stream()).mapToDouble(t -> t));
    Tables t =
        Tables.open(
            html,
            "Tokens per expert",
            List.of(
                ">Layer",
                "Experts",
                ">Least",
                ">Median",
                ">Most",
                ">Few",
                ">None",
                ">Leaning",
                ">Rounded"));
    for (ExpertTokens e : experts) {
      List<Long> sorted = e.tokens().stream().sorted().toList();
      html.open("tr");
      t.cell(0, Integer.toString(e.layer()));
      html.open("td", "class", "wide");
      Strip.draw(html, e.layer(), e.tokens(), heat);
      html.close();
      t.cell(2, Figures.count(sorted.getFirst()));
      t.cell(3, median(sorted));
      t.cell(4, Figures.count(sorted.getLast()));
      t.cell(5, Figures.count(e.few()));
      t.cell(6, Figures.count(e.none()));
      t.cell(7, Figures.count(e.leaning()));
      t.cell(8, Figures.count(e.rounded()));
      html.close();
    }
    t.close();
    html.open("details").leaf("summary", "Tokens of every expert");
    for (ExpertTokens e : experts) {
      html.open("p").leaf("strong", "Layer " + e.layer() + " ");
      html.text(String.join(" ", e.tokens().stream().map(Figures::count).toList())).close();
    }
    html.close();
  }

  private static String median(List<Long> sorted) {
    long two = sorted.get((sorted.size() - 1) / 2) + sorted.get(sorted.size() / 2);
    return Figures.count(two / 2) + (two % 2 == 0 ? "" : ".5");
  }

  private static void rounded(Html html, Facts facts) {
    List<String> names =
        facts.run().weights().stream()
            .filter(w -> w.solve().flatMap(Weight.Solve::fallback).isPresent())
            .map(w -> w.name() + ": " + w.solve().flatMap(Weight.Solve::fallback).orElseThrow())
            .toList();
    if (names.isEmpty()) {
      return;
    }
    html.leaf("h3", "Fallbacks: %d matrices that no token reached".formatted(names.size()));
    html.open("ul", "class", "names");
    names.stream().limit(NAMED).forEach(n -> html.open("li").leaf("code", n).close());
    html.close();
    if (names.size() > NAMED) {
      html.leaf("p", "The first %d; report.json has all.".formatted(NAMED), "class", "note");
    }
  }

  private static void routers(Html html, Facts facts) {
    List<Kept> routers =
        facts.run().kept().orElse(List.of()).stream()
            .filter(k -> k.reason().contains("router"))
            .toList();
    if (!routers.isEmpty()) {
      html.leaf(
          "p",
          "Routers are kept in full precision: %s in %s."
              .formatted(
                  routers.size() == 1 ? "one tensor" : routers.size() + " tensors",
                  SizeSection.names(routers.stream().map(Kept::type).distinct().toList())));
    }
  }
}
