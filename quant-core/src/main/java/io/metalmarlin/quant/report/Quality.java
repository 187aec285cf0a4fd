package io.metalmarlin.quant.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/// What was measured on the written files before they were published.
///
/// @param protocol for example `ctx512-second-half`
/// @param text what the text was called
/// @param scored positions
/// @param suspicious why the figures should not be trusted
public record Quality(
    String protocol,
    String text,
    long windows,
    long scored,
    Interval perplexity,
    OptionalDouble allPositionsPerplexity,
    Optional<String> suspicious,
    Optional<Divergence> divergence,
    List<Gate> gates,
    double seconds) {
  /// A mean, and the bounds of its 95 % interval where there was more than one window.
  public record Interval(double mean, OptionalDouble low, OptionalDouble high) {
    static Interval of(Part p) {
      return new Interval(p.number("mean"), p.optionalNumber("low"), p.optionalNumber("high"));
    }
  }

  /// From the source, in nats.
  public record Divergence(
      Interval mean,
      double median,
      double p90,
      double p95,
      double p99,
      double p999,
      double max,
      Interval top1,
      double referencePerplexity,
      Interval logPerplexityRatio,
      Optional<Histogram> histogram) {}

  /// Positions by divergence.
  ///
  /// @param counts below the first edge, between each two, at or above the last
  public record Histogram(List<Double> edges, List<Long> counts) {}

  /// A limit that was checked.
  public record Gate(String name, double limit, double value, boolean pass) {}

  static Quality of(Part proof) {
    Part r = need(proof, "result");
    List<Gate> gates = new ArrayList<>();
    for (Part g : proof.list("gates")) {
      gates.add(new Gate(g.text("name"), g.number("limit"), g.number("value"), g.flag("pass")));
    }
    return new Quality(
        r.text("protocol"),
        proof.text("text"),
        r.count("windows"),
        r.count("scored"),
        Interval.of(need(r, "perplexity")),
        r.optionalNumber("allPositionsPerplexity"),
        r.optionalText("suspicious"),
        r.part("divergence").map(Quality::divergence),
        gates,
        r.number("seconds"));
  }

  private static Divergence divergence(Part d) {
    return new Divergence(
        Interval.of(need(d, "mean")),
        d.number("median"),
        d.number("p90"),
        d.number("p95"),
        d.number("p99"),
        d.number("p999"),
        d.number("max"),
        Interval.of(need(d, "top1")),
        d.number("referencePerplexity"),
        Interval.of(need(d, "logPerplexityRatio")),
        d.part("histogram").map(Quality::histogram));
  }

  private static Histogram histogram(Part h) {
    List<Double> edges = h.numbers("edges");
    List<Double> counts = h.numbers("counts");
    boolean ascending = true;
    for (int i = 1; i < edges.size(); i++) {
      ascending &= edges.get(i - 1) < edges.get(i);
    }
    if (edges.isEmpty() || edges.getFirst() <= 0 || !ascending) {
      throw h.malformed("edges", "do not ascend from above 0");
    }
    boolean whole = counts.stream().allMatch(c -> c >= 0 && c == Math.rint(c));
    if (!whole || counts.size() != edges.size() + 1) {
      throw h.malformed("counts", "are not one more than the edges, whole and from 0");
    }
    return new Histogram(edges, counts.stream().map(Double::longValue).toList());
  }

  private static Part need(Part p, String key) {
    return p.part(key).orElseThrow(() -> p.malformed(key, "is missing"));
  }
}
