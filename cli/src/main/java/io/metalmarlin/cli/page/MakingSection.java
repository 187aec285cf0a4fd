package io.metalmarlin.cli.page;

import io.metalmarlin.cli.out.ShellWords;
import io.metalmarlin.quant.report.Facts;
import io.metalmarlin.quant.report.Gap;
import io.metalmarlin.quant.report.RunReport;
import io.metalmarlin.quant.report.RunReport.Notice;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The command, what it resolved to, what it warned about, and where it ran.
final class MakingSection {
  private static final int SHOWN = 50;

  private MakingSection() {}

  static void write(Html html, Facts facts) {
    RunReport run = facts.run();
    facts.gap(Gap.Topic.COMMAND).ifPresent(g -> Section.gap(html, g));
    if (!run.command().isEmpty()) {
      html.leaf(
          "pre", ShellWords.join(run.command()), "tabindex", "0", "aria-label", "The command");
    }
    html.open("div", "class", "pair").open("div").leaf("h3", "Settings, resolved");
    Lists.write(html, settings(run));
    html.close().open("div").leaf("h3", "Environment");
    Lists.write(html, run.environment());
    html.close().close();
    if (!run.rules().isEmpty()) {
      html.open("details");
      html.leaf("summary", "Rules for modules with another scheme: " + run.rules().size());
      names(html, run.rules());
      html.close();
    }
    warnings(html, run.warnings());
    if (!run.dropped().isEmpty()) {
      html.leaf(
          "h3", "Dropped: the format has no place for %d tensors".formatted(run.dropped().size()));
      names(html, run.dropped());
    }
  }

  /// A group of 0 columns is one that the scheme fixes, of -1 a whole row.
  private static Map<String, String> settings(RunReport run) {
    Map<String, String> shown = new LinkedHashMap<>(run.settings());
    shown.computeIfPresent(
        "groupSize", (k, v) -> v.equals("0") ? null : v.equals("-1") ? "channel" : v);
    return shown;
  }

  private static void warnings(Html html, List<Notice> warnings) {
    if (warnings.isEmpty()) {
      html.leaf("p", "No warnings.", "class", "note");
      return;
    }
    html.leaf("h3", "Warnings: " + warnings.size());
    names(
        html, warnings.stream().map(w -> w.code() + " " + w.where() + ": " + w.message()).toList());
  }

  private static void names(Html html, List<String> names) {
    html.open("ul", "class", "names");
    names.stream().limit(SHOWN).forEach(n -> html.open("li").leaf("code", n).close());
    html.close();
    if (names.size() > SHOWN) {
      html.leaf("p", "The first %d; report.json has all.".formatted(SHOWN), "class", "note");
    }
  }
}
