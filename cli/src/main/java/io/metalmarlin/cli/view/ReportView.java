package io.metalmarlin.cli.view;

import io.metalmarlin.cli.out.Figures;
import io.metalmarlin.cli.out.Json;
import io.metalmarlin.quant.report.Facts;
import io.metalmarlin.quant.report.Gap;
import io.metalmarlin.quant.report.Quality;
import io.metalmarlin.quant.report.RunReport;
import java.nio.file.Path;
import java.util.Locale;
import tools.jackson.databind.node.ObjectNode;

/// What the page of `marlin report` shows, for machines, and where it is, for people.
public final class ReportView {
  private ReportView() {}

  /// @param page the file that was written
  public static ObjectNode json(Facts facts, Path page) {
    ObjectNode n = Json.object();
    n.put("page", page.toString());
    n.setAll((ObjectNode) Records.JSON.valueToTree(facts));
    return n;
  }

  /// The page, the figures that matter most, and what it does not have.
  public static String text(Facts facts, Path page) {
    RunReport run = facts.run();
    StringBuilder s = new StringBuilder("%s%n".formatted(page));
    s.append(
        "  %s -> %s%s%n"
            .formatted(
                Figures.bytes(run.sourceBytes()),
                Figures.bytes(run.outputBytes()),
                run.bitsPerWeight().isPresent()
                    ? ", "
                        + Figures.fixed(run.bitsPerWeight().getAsDouble(), 3)
                        + " bits per weight"
                    : ""));
    run.quality()
        .flatMap(Quality::divergence)
        .ifPresent(d ->
            s.append(
                "  KL divergence %s, same first choice %s%n"
                    .formatted(
                        Figures.fixed(d.mean().mean(), 5), Figures.percent(d.top1().mean()))));
    for (Gap g : facts.gaps()) {
      s.append(
          "  not recorded: %s%s%n"
              .formatted(
                  g.topic().name().toLowerCase(Locale.ROOT),
                  g.command().map(c -> "; " + c).orElse("")));
    }
    return s.toString();
  }
}
