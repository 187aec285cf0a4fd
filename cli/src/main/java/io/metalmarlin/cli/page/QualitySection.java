package io.metalmarlin.cli.page;

import io.metalmarlin.cli.out.Figures;
import io.metalmarlin.quant.report.Facts;
import io.metalmarlin.quant.report.Gap;
import io.metalmarlin.quant.report.Quality;
import io.metalmarlin.quant.report.Quality.Divergence;
import io.metalmarlin.quant.report.Quality.Gate;
import io.metalmarlin.quant.report.Quality.Interval;
import java.util.List;
import java.util.OptionalDouble;

/// What was measured on the written files: perplexity, divergence, gates.
final class QualitySection {
  private QualitySection() {}

  static void write(Html html, Facts facts) {
    facts.gap(Gap.Topic.QUALITY).ifPresent(g -> Section.gap(html, g));
    facts.run().quality().ifPresent(q -> measured(html, facts, q));
  }

  private static void measured(Html html, Facts facts, Quality q) {
    html.leaf(
        "p",
        "The written files against their source, %s on %s: %s windows, %s positions, 95 %% intervals over windows. Inputs of linears in full precision."
            .formatted(
                q.protocol(), q.text(), Figures.count(q.windows()), Figures.count(q.scored())));
    q.suspicious()
        .ifPresent(s ->
            html.open("div", "class", "gap").leaf("p", "Do not trust these figures: " + s).close());
    html.open("div", "class", "pair");
    html.open("div");
    table(html, q);
    gates(html, q.gates());
    html.close();
    q.divergence()
        .flatMap(Divergence::histogram)
        .ifPresent(h -> {
          html.open("figure");
          HistogramChart.draw(html, "histogram", q.divergence().orElseThrow(), h);
          html.leaf(
              "figcaption", "Share of the scored positions by their divergence from the source.");
          html.close();
        });
    facts.gap(Gap.Topic.HISTOGRAM).ifPresent(g -> Section.gap(html, g));
    html.close();
  }

  private static void table(Html html, Quality q) {
    Tables t = Tables.open(html, "What was measured", List.of("Metric", ">Value"));
    row(t, "Perplexity", Figures.fixed(q.perplexity().mean(), 4), Digits.range(q.perplexity()));
    q.allPositionsPerplexity()
        .ifPresent(p -> t.row("Perplexity, all positions", Figures.fixed(p, 4)));
    q.divergence().ifPresent(d -> divergence(t, d));
    t.close();
  }

  private static void divergence(Tables t, Divergence d) {
    t.row("Perplexity of the source", Figures.fixed(d.referencePerplexity(), 4));
    Interval log = d.logPerplexityRatio();
    Interval increase =
        new Interval(Math.expm1(log.mean()), exponential(log.low()), exponential(log.high()));
    row(t, "Perplexity, increase", Figures.percent(increase.mean()), Digits.percentRange(increase));
    row(t, "KL divergence, mean", Digits.fine(d.mean().mean()), Digits.range(d.mean()));
    t.row("KL divergence, median", Digits.fine(d.median()));
    t.row("KL divergence, 90 %", Digits.fine(d.p90()));
    t.row("KL divergence, 95 %", Digits.fine(d.p95()));
    t.row("KL divergence, 99 %", Digits.fine(d.p99()));
    t.row("KL divergence, 99.9 %", Digits.fine(d.p999()));
    t.row("KL divergence, largest", Digits.fine(d.max()));
    row(
        t,
        "Same most probable token",
        Figures.percent(d.top1().mean()),
        Digits.percentRange(d.top1()));
  }

  private static OptionalDouble exponential(OptionalDouble log) {
    return log.isPresent() ? OptionalDouble.of(Math.expm1(log.getAsDouble())) : log;
  }

  private static void row(Tables t, String metric, String value, String interval) {
    t.open();
    t.cell(0, metric);
    t.cell(1, value, interval);
    t.shut();
  }

  private static void gates(Html html, List<Gate> gates) {
    if (gates.isEmpty()) {
      html.leaf("p", "No gate was set.", "class", "note");
      return;
    }
    Tables t = Tables.open(html, "Gates", List.of("Gate", ">Limit", ">Value", "Outcome"));
    gates.forEach(g ->
        t.row(
            g.name(),
            Digits.fine(g.limit()),
            Digits.fine(g.value()),
            g.pass() ? "passed" : "failed"));
    t.close();
  }
}
