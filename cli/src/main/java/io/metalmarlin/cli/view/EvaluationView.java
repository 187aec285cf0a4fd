package io.metalmarlin.cli.view;

import io.metalmarlin.cli.out.Figures;
import io.metalmarlin.cli.out.Json;
import io.metalmarlin.cli.out.Table;
import io.metalmarlin.runtime.eval.EvalResult;
import io.metalmarlin.runtime.eval.EvalResult.Divergence;
import io.metalmarlin.runtime.eval.EvalResult.Interval;
import tools.jackson.databind.node.ObjectNode;

/// An [EvalResult] for machines and people.
public final class EvaluationView {
  private static final String NOT_FINITE = "not a finite number";
  private static final String NO_INTERVAL = "an interval needs at least two windows";

  private EvaluationView() {}

  /// @param text what the text was called, for example `embedded:evaluation`
  public static ObjectNode json(EvalResult r, String text) {
    ObjectNode n = Json.object();
    n.put("protocol", r.protocol());
    n.put("text", text);
    n.put("windows", r.windows());
    n.put("scored", r.scored());
    n.set("perplexity", interval(r.perplexity()));
    Json.number(n, "perplexity_all_positions", r.allPositionsPerplexity(), NOT_FINITE);
    r.suspicious().ifPresentOrElse(s -> n.put("suspicious", s), () -> n.putNull("suspicious"));
    r.divergence()
        .ifPresentOrElse(
            d -> n.set("divergence", divergence(d)),
            () -> Json.missing(n, "divergence", "no --reference was given"));
    n.put("seconds", r.seconds());
    return n;
  }

  private static ObjectNode divergence(Divergence d) {
    ObjectNode n = Json.object();
    n.set("kld", interval(d.mean()));
    Json.number(n, "kld_median", d.median(), NOT_FINITE);
    Json.number(n, "kld_p90", d.p90(), NOT_FINITE);
    Json.number(n, "kld_p95", d.p95(), NOT_FINITE);
    Json.number(n, "kld_p99", d.p99(), NOT_FINITE);
    Json.number(n, "kld_p999", d.p999(), NOT_FINITE);
    Json.number(n, "kld_max", d.max(), NOT_FINITE);
    n.set("top1", interval(d.top1()));
    Json.number(n, "reference_perplexity", d.referencePerplexity(), NOT_FINITE);
    n.set("log_perplexity_ratio", interval(d.logPerplexityRatio()));
    n.set("kld_histogram", Records.JSON.valueToTree(d.histogram()));
    return n;
  }

  static ObjectNode interval(Interval i) {
    ObjectNode n = Json.object();
    Json.number(n, "mean", i.mean(), NOT_FINITE);
    Json.number(n, "low", i.low(), NO_INTERVAL);
    Json.number(n, "high", i.high(), NO_INTERVAL);
    return n;
  }

  /// A table of the figures with their 95 % intervals.
  public static String text(EvalResult r, String text) {
    Table t = new Table("metric", ">value", "95 % interval");
    r.divergence()
        .ifPresentOrElse(
            d -> {
              row(t, "perplexity", r.perplexity(), 4);
              t.row("perplexity, reference", Figures.fixed(d.referencePerplexity(), 4), "");
              t.row(
                  "perplexity increase",
                  Figures.percent(Math.expm1(d.logPerplexityRatio().mean())),
                  "[%s, %s]"
                      .formatted(
                          Figures.percent(Math.expm1(d.logPerplexityRatio().low())),
                          Figures.percent(Math.expm1(d.logPerplexityRatio().high()))));
              row(t, "KL divergence, mean", d.mean(), 5);
              t.row("KL divergence, median", Figures.fixed(d.median(), 5), "");
              t.row("KL divergence, 99 %", Figures.fixed(d.p99(), 5), "");
              t.row("KL divergence, max", Figures.fixed(d.max(), 5), "");
              row(t, "top-1 agreement", d.top1(), 4);
            },
            () -> row(t, "perplexity", r.perplexity(), 4));
    t.row("perplexity, all positions", Figures.fixed(r.allPositionsPerplexity(), 4), "");
    return t.text()
        + "%s on %s: %s window%s, %s positions, %s%n"
            .formatted(
                r.protocol(),
                text,
                Figures.count(r.windows()),
                r.windows() == 1 ? "" : "s",
                Figures.count(r.scored()),
                Figures.seconds(r.seconds()))
        + r.cache().map(c -> CacheView.text(c) + "\n").orElse("");
  }

  private static void row(Table t, String name, Interval i, int decimals) {
    t.row(
        name,
        Figures.fixed(i.mean(), decimals),
        "[%s, %s]".formatted(Figures.fixed(i.low(), decimals), Figures.fixed(i.high(), decimals)));
  }
}
