package io.metalmarlin.cli.page;

import io.metalmarlin.cli.out.Figures;
import io.metalmarlin.quant.report.Facts;
import io.metalmarlin.quant.report.Gap;
import io.metalmarlin.quant.report.ModulePlace;
import io.metalmarlin.quant.report.Sum;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.OptionalDouble;
import java.util.SequencedMap;
import java.util.function.DoubleFunction;
import java.util.function.Function;

/// Bits and time of each layer.
final class BitsSection {
  private BitsSection() {}

  static void write(Html html, Facts facts) {
    facts.gap(Gap.Topic.BITS).ifPresent(g -> Section.gap(html, g));
    html.open("div", "class", "pair");
    chart(
        html,
        facts,
        "bits-chart",
        "Bits per weight of each layer, scales included",
        Sum::bits,
        v -> Figures.fixed(v, 2));
    chart(
        html, facts, "time-chart", "Time spent solving each layer", Sum::seconds, Figures::seconds);
    html.close();
    html.open("details").leaf("summary", "Every layer");
    Tables t =
        Tables.open(
            html,
            "Layers",
            List.of(">Layer", "Stored as", ">Bits", ">Weights", ">Source", ">Output", ">Time"));
    facts
        .sums()
        .layers()
        .forEach((layer, s) ->
            t.row(
                layer == ModulePlace.OUTSIDE ? "outside" : Integer.toString(layer),
                SizeSection.names(s.to()),
                Digits.bits(s.bits()),
                Figures.count(s.elements()),
                Digits.bytes(s.sourceBytes()),
                Digits.bytes(s.outputBytes()),
                s.seconds().isPresent()
                    ? Figures.seconds(s.seconds().getAsDouble())
                    : Figures.NONE));
    t.close();
    html.close();
  }

  private static void chart(
      Html html,
      Facts facts,
      String id,
      String title,
      Function<Sum, OptionalDouble> figure,
      DoubleFunction<String> text) {
    SequencedMap<Integer, Double> values = new LinkedHashMap<>();
    facts
        .sums()
        .layers()
        .forEach((layer, s) -> {
          if (layer != ModulePlace.OUTSIDE && figure.apply(s).isPresent()) {
            values.put(layer, figure.apply(s).getAsDouble());
          }
        });
    if (!values.isEmpty()) {
      html.open("figure").leaf("h3", title);
      BarChart.draw(html, id, title, values, text);
      html.close();
    }
  }
}
