package io.metalmarlin.cli.page;

import io.metalmarlin.cli.out.Figures;
import io.metalmarlin.cli.page.ErrorChart.Point;
import io.metalmarlin.quant.report.Facts;
import io.metalmarlin.quant.report.ModulePlace;
import io.metalmarlin.quant.report.RunReport.Kind;
import io.metalmarlin.quant.report.Sums.Cell;
import io.metalmarlin.quant.report.Weight;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/// How far the matrices are from their source: by layer and role, and the worst.
final class ErrorSection {
  private static final int PANELS = 16;

  private ErrorSection() {}

  static void write(Html html, Facts facts) {
    boolean weighted = facts.run().weights().stream().anyMatch(w -> w.hessianError().isPresent());
    html.open("p")
        .text("Relative error " + facts.run().errorMeasure() + " of the matrices as stored");
    if (weighted) {
      html.text(
          ", and the same weighted by what the calibration tokens put in (tr ΔHΔᵀ / tr WHWᵀ), which is"
              + " what a calibrated method makes small");
    } else if (facts.run().kind() == Kind.QUANTIZE) {
      html.text("; without calibration there is no error weighted by tokens");
    }
    html.text(". Of experts the mean over those of a layer.").close();
    if (facts.changed() == 0) {
      html.leaf("p", "No matrix was rounded: every error is 0.");
      return;
    }
    panels(html, facts, weighted);
    heat(html, facts, weighted);
    worst(html, facts, weighted);
  }

  private static void panels(Html html, Facts facts, boolean weighted) {
    Map<String, List<Point>> roles = new LinkedHashMap<>();
    for (Cell c : facts.sums().cells()) {
      if (c.layer() != ModulePlace.OUTSIDE) {
        roles
            .computeIfAbsent(c.role(), r -> new ArrayList<>())
            .add(new Point(c.layer(), c.sum().error(), c.sum().hessianError()));
      }
    }
    roles.values().removeIf(points -> points.size() < 2);
    if (roles.isEmpty()) {
      return;
    }
    ErrorChart chart = ErrorChart.of(roles.values().stream().flatMap(List::stream).toList());
    html.open("ul", "class", "legend");
    html.open("li")
        .leaf("span", "", "class", "sample plain")
        .text("relative error (dashed, hollow)")
        .close();
    if (weighted) {
      html.open("li")
          .leaf("span", "", "class", "sample weighted")
          .text("weighted by tokens (solid, filled)")
          .close();
    }
    html.close();
    html.open("div", "class", "panels");
    int panel = 0;
    for (Map.Entry<String, List<Point>> e : roles.entrySet()) {
      if (panel < PANELS) {
        html.open("figure").leaf("h3", e.getKey());
        chart.draw(html, "error-" + panel, e.getKey(), e.getValue());
        html.close();
      }
      panel++;
    }
    html.close();
    if (panel > PANELS) {
      html.leaf(
          "p",
          "The first %d of %d roles; the table has all.".formatted(PANELS, panel),
          "class",
          "note");
    }
  }

  private static void heat(Html html, Facts facts, boolean weighted) {
    Set<String> roles = facts.sums().roles().sequencedKeySet();
    List<String> headings = new ArrayList<>(List.of(">Layer"));
    roles.forEach(r -> headings.add(">" + r));
    Map<Integer, Map<String, Cell>> layers = new TreeMap<>();
    facts
        .sums()
        .cells()
        .forEach(
            c -> layers.computeIfAbsent(c.layer(), l -> new LinkedHashMap<>()).put(c.role(), c));
    Heat shades =
        Heat.of(facts.sums().cells().stream().flatMapToDouble(c -> c.sum().error().stream()));
    Tables t =
        Tables.open(
            html,
            weighted ? "Relative error; below it weighted by tokens" : "Relative error",
            headings);
    layers.forEach((layer, cells) -> {
      html.open("tr");
      t.cell(0, layer == ModulePlace.OUTSIDE ? "outside" : Integer.toString(layer));
      for (String role : roles) {
        Cell c = cells.get(role);
        if (c == null) {
          html.leaf("td", Figures.NONE, "class", "n");
        } else {
          html.open("td", "class", "n " + shades.level(c.sum().error()));
          html.text(Digits.of(c.sum().error()));
          if (c.sum().hessianError().isPresent()) {
            html.empty("br").leaf("small", Digits.of(c.sum().hessianError()));
          }
          html.close();
        }
      }
      html.close();
    });
    t.close();
  }

  private static void worst(Html html, Facts facts, boolean weighted) {
    List<String> headings = new ArrayList<>(List.of("Matrix", "Stored as", ">Error"));
    if (weighted) {
      headings.addAll(List.of(">By tokens", ">Tokens", ">Damping"));
    }
    List<Weight> worst = facts.sums().worst();
    Tables t = Tables.open(html, "The %d largest errors".formatted(worst.size()), headings);
    for (Weight w : worst) {
      List<String> row = new ArrayList<>(List.of(w.name(), w.to(), Digits.of(w.error())));
      if (weighted) {
        row.add(Digits.of(w.hessianError()));
        row.add(w.solve().map(s -> Figures.count(s.tokens())).orElse(Figures.NONE));
        row.add(w.solve().map(s -> Digits.of(s.damping())).orElse(Figures.NONE));
      }
      t.row(row.toArray(String[]::new));
    }
    t.close();
  }
}
