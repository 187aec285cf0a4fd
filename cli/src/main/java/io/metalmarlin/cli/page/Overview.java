package io.metalmarlin.cli.page;

import io.metalmarlin.cli.out.Figures;
import io.metalmarlin.quant.report.Facts;
import io.metalmarlin.quant.report.Quality;
import io.metalmarlin.quant.report.Quality.Divergence;
import io.metalmarlin.quant.report.RunReport;
import io.metalmarlin.quant.report.RunReport.Kind;
import io.metalmarlin.quant.report.Weight;
import java.util.Optional;
import java.util.OptionalDouble;

/// The head of the page: what it is about, and the figures one looks for first.
final class Overview {
  private final Html html;
  private final Facts facts;
  private final RunReport run;

  private Overview(Html html, Facts facts) {
    this.html = html;
    this.facts = facts;
    this.run = facts.run();
  }

  static void write(Html html, Facts facts) {
    Overview o = new Overview(html, facts);
    html.open("header");
    html.leaf("p", "Metal Marlin · report of " + command(facts.run()), "class", "eyebrow");
    html.leaf("h1", facts.run().name());
    html.leaf("p", o.sentence(), "class", "lead");
    html.open("dl", "class", "tiles");
    o.tiles();
    html.close().close();
  }

  private static String command(RunReport run) {
    return run.kind() == Kind.QUANTIZE ? "marlin quantize" : "marlin convert";
  }

  private String sentence() {
    String source = run.source().orElse("A checkpoint");
    if (run.kind() == Kind.CONVERT) {
      return "%s, converted from %s to %s. %s"
          .formatted(source, setting("from"), setting("to"), verdict());
    }
    return "%s in %s by method %s, for %s."
        .formatted(source, setting("scheme"), setting("method"), setting("target"));
  }

  private String setting(String key) {
    return run.settings().getOrDefault(key, "a setting that was not recorded");
  }

  private String verdict() {
    if (facts.changed() > 0) {
      return "%d of %d matrices were rounded.".formatted(facts.changed(), run.weights().size());
    }
    int ulps = run.weights().stream().mapToInt(Weight::ulps).max().orElse(0);
    return ulps == 0
        ? "Lossless: every weight is the number it was."
        : "Lossless: all codes and group scales are the same bytes; tensor scales became their"
            + " reciprocals, which moves a weight by at most %d units in the last place of fp32."
                .formatted(ulps);
  }

  private void tiles() {
    tile(
        "Size",
        Figures.bytes(run.outputBytes()),
        run.sourceBytes() > 0
            ? Figures.percent((double) run.outputBytes() / run.sourceBytes())
                + " of "
                + Figures.bytes(run.sourceBytes())
            : "the source is empty");
    if (run.kind() == Kind.QUANTIZE) {
      tile(
          "Bits per weight",
          Digits.bits(run.bitsPerWeight()),
          "%d matrices, %s weights"
              .formatted(
                  run.weights().size(),
                  Figures.count(run.weights().stream().mapToLong(Weight::elements).sum())));
      quality();
    } else {
      OptionalDouble worst =
          facts.sums().worst().stream().mapToDouble(w -> w.error().orElse(0)).max();
      tile("Matrices", Figures.count(run.weights().size()), facts.changed() + " rounded");
      tile("Largest error", worst.isPresent() ? Digits.of(worst) : "0", run.errorMeasure());
    }
    tile("Time", Figures.seconds(run.seconds()), "marlin " + run.madeBy());
  }

  private void quality() {
    Optional<Quality> quality = run.quality();
    Optional<Divergence> d = quality.flatMap(Quality::divergence);
    if (d.isEmpty()) {
      tile("KL divergence", Figures.NONE, "not measured");
      return;
    }
    tile(
        "KL divergence, mean",
        Digits.fine(d.get().mean().mean()),
        "nats; 95 %: " + Digits.range(d.get().mean()));
    tile(
        "Same first choice",
        Figures.percent(d.get().top1().mean()),
        "95 %: " + Digits.percentRange(d.get().top1()));
    tile(
        "Perplexity",
        Figures.fixed(quality.get().perplexity().mean(), 3),
        "source " + Figures.fixed(d.get().referencePerplexity(), 3));
  }

  private void tile(String name, String figure, String note) {
    html.open("div").leaf("dt", name).leaf("dd", figure, "class", "figure");
    html.leaf("dd", note, "class", "note").close();
  }
}
