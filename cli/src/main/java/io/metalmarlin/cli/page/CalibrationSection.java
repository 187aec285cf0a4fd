package io.metalmarlin.cli.page;

import io.metalmarlin.cli.out.Figures;
import io.metalmarlin.quant.report.Facts;
import io.metalmarlin.quant.report.RunReport;
import io.metalmarlin.quant.report.RunReport.Calibration;
import io.metalmarlin.quant.report.Weight;
import io.metalmarlin.quant.report.Weight.Solve;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.DoubleSummaryStatistics;
import java.util.List;

/// The data that the weights were solved on, and what was unusual about solving them.
final class CalibrationSection {
  private static final int SHOWN = 20;

  private CalibrationSection() {}

  static void write(Html html, Facts facts) {
    RunReport run = facts.run();
    run.calibration()
        .ifPresentOrElse(
            c -> data(html, c),
            () ->
                html.leaf(
                    "p",
                    "No text was used: method %s needs none."
                        .formatted(run.settings().getOrDefault("method", "of this run"))));
    run.importance()
        .ifPresent(i -> {
          html.leaf("h3", "Importance of columns, from a file");
          Lists.write(html, i);
        });
    List<Solve> solves = run.weights().stream().flatMap(w -> w.solve().stream()).toList();
    if (run.calibration().isPresent() && !solves.isEmpty()) {
      solved(html, run, solves);
    }
  }

  private static void data(Html html, Calibration c) {
    html.open("dl", "class", "facts");
    Lists.entry(html, "text", c.dataset());
    Lists.entry(
        html,
        "tokens",
        "%s windows of %s: %s"
            .formatted(
                Figures.count(c.samples()),
                Figures.count(c.seqLen()),
                Figures.count(c.samples() * c.seqLen())));
    Lists.entry(html, "sha256 of the token ids", c.sha256().orElse("not recorded"));
    html.close();
  }

  private static void solved(Html html, RunReport run, List<Solve> solves) {
    long raised = solves.stream().filter(s -> s.retries() > 0).count();
    long dead = solves.stream().filter(s -> s.deadColumns().orElse(0) > 0).count();
    DoubleSummaryStatistics drift =
        solves.stream().flatMapToDouble(s -> s.drift().stream()).summaryStatistics();
    html.open("ul", "class", "plain");
    html.leaf("li", "Damping raised for %d of %d matrices.".formatted(raised, solves.size()));
    html.leaf(
        "li", "Inputs that were never active in %d of %d matrices.".formatted(dead, solves.size()));
    if (drift.getCount() > 0 && drift.getMax() > 0) {
      html.leaf(
          "li",
          "Share of the drift of inputs made up for: %s to %s."
              .formatted(Digits.of(drift.getMin()), Digits.of(drift.getMax())));
    }
    html.close();
    FoldTable.write(html, run.weights());
    if (raised > 0) {
      List<Weight> weights = new ArrayList<>(run.weights());
      weights.removeIf(w -> w.solve().map(Solve::retries).orElse(0) == 0);
      weights.sort(
          Comparator.comparingInt((Weight w) -> w.solve().orElseThrow().retries()).reversed());
      Tables t =
          Tables.open(
              html, "Matrices with raised damping", List.of("Matrix", ">Raised", ">Damping"));
      weights.stream()
          .limit(SHOWN)
          .forEach(w ->
              t.row(
                  w.name(),
                  Integer.toString(w.solve().orElseThrow().retries()),
                  Digits.of(w.solve().orElseThrow().damping())));
      t.close();
      if (weights.size() > SHOWN) {
        html.leaf("p", "The first %d of %d.".formatted(SHOWN, weights.size()), "class", "note");
      }
    }
  }
}
