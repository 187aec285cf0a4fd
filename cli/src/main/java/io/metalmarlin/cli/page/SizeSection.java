package io.metalmarlin.cli.page;

import io.metalmarlin.cli.out.Figures;
import io.metalmarlin.quant.report.Facts;
import io.metalmarlin.quant.report.Gap;
import io.metalmarlin.quant.report.ModulePlace;
import io.metalmarlin.quant.report.RunReport.Kept;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Before and after: what the output is made of, by role, and what was kept.
final class SizeSection {
  private static final int SHOWN = 40;

  private SizeSection() {}

  static void write(Html html, Facts facts) {
    List<SizePart> parts = SizePart.of(facts.run());
    html.open("div", "class", "pair").open("figure");
    SizeChart.draw(html, "sizes", facts.run().sourceBytes(), facts.run().outputBytes(), parts);
    html.leaf("figcaption", "All tensors, on one scale.").close();
    html.open("div");
    if (!parts.isEmpty()) {
      Tables t = Tables.open(html, "Parts of the drawing", List.of("Part", ">Source", ">Output"));
      for (int i = 0; i < parts.size(); i++) {
        SizePart p = parts.get(i);
        html.open("tr").open("th", "scope", "row", "class", "t");
        html.leaf("span", p.letter(), "class", "key c" + i).text(" " + p.name()).close();
        t.cell(1, Figures.bytes(p.before()));
        t.cell(2, Figures.bytes(p.after()));
        html.close();
      }
      t.close();
    }
    facts.gap(Gap.Topic.SIZES).ifPresent(g -> Section.gap(html, g));
    html.close().close();
    roles(html, facts);
    facts.run().kept().ifPresent(k -> kept(html, k));
  }

  private static void roles(Html html, Facts facts) {
    if (facts.sums().roles().isEmpty()) {
      return;
    }
    Tables t =
        Tables.open(
            html,
            "Matrices by role",
            List.of("Role", ">Matrices", ">Weights", "From", "To", ">Bits", ">Source", ">Output"));
    facts
        .sums()
        .roles()
        .forEach((role, s) ->
            t.row(
                role,
                Figures.count(s.count()),
                Figures.count(s.elements()),
                names(s.from()),
                names(s.to()),
                Digits.bits(s.bits()),
                Digits.bytes(s.sourceBytes()),
                Digits.bytes(s.outputBytes())));
    t.close();
  }

  static String names(List<String> names) {
    return names.isEmpty() ? Figures.NONE : String.join(", ", names);
  }

  /// Of one role, type and reason together.
  private record Kind(String role, String type, String reason) {}

  private static void kept(Html html, List<Kept> kept) {
    Map<Kind, List<Kept>> kinds = new LinkedHashMap<>();
    for (Kept k : kept) {
      Kind kind = new Kind(ModulePlace.of(k.name()).role(), k.type(), k.reason());
      kinds.computeIfAbsent(kind, n -> new ArrayList<>()).add(k);
    }
    html.open("details");
    html.leaf("summary", "Kept as they are: " + Figures.count(kept.size()) + " tensors");
    Tables t =
        Tables.open(html, "Kept tensors", List.of("Tensor", ">Tensors", "Type", ">Bytes", "Why"));
    kinds.entrySet().stream()
        .sorted(Comparator.comparingLong(e -> -bytes(e.getValue())))
        .limit(SHOWN)
        .forEach(e ->
            t.row(
                e.getKey().role(),
                Figures.count(e.getValue().size()),
                e.getKey().type(),
                Figures.bytes(bytes(e.getValue())),
                e.getKey().reason()));
    t.close();
    if (kinds.size() > SHOWN) {
      html.leaf("p", "The %d largest of %d kinds.".formatted(SHOWN, kinds.size()), "class", "note");
    }
    html.close();
  }

  private static long bytes(List<Kept> kept) {
    return kept.stream().mapToLong(Kept::bytes).sum();
  }
}
