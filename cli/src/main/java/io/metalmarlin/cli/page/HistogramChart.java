package io.metalmarlin.cli.page;

import io.metalmarlin.cli.out.Figures;
import io.metalmarlin.quant.report.Quality.Divergence;
import io.metalmarlin.quant.report.Quality.Histogram;
import java.util.Comparator;
import java.util.List;

/// How the divergence is spread over the positions, on a logarithmic axis, with its mean and
/// quantiles above.
final class HistogramChart {
  private static final int HEIGHT = 258;
  private static final int LEFT = 50;
  private static final int RIGHT = Svg.WIDTH - 8;
  private static final int TOP = 74;
  private static final int BOTTOM = 214;
  private static final int ROW = 15;
  private static final int GAP = 8;

  private final Svg svg;
  private final Histogram histogram;
  private final int first;
  private final int last;

  /// A line at a figure.
  private record Mark(String name, double value) {}

  private HistogramChart(Svg svg, Histogram histogram) {
    this.svg = svg;
    this.histogram = histogram;
    List<Long> counts = histogram.counts();
    int from = 0;
    while (from < counts.size() - 1 && counts.get(from) == 0) {
      from++;
    }
    int to = counts.size() - 1;
    while (to > from && counts.get(to) == 0) {
      to--;
    }
    first = from;
    last = to;
  }

  static void draw(Html html, String id, Divergence d, Histogram histogram) {
    long all = histogram.counts().stream().mapToLong(c -> c).sum();
    Svg svg =
        Svg.open(
            html,
            id,
            HEIGHT,
            "Positions by KL divergence",
            "%s positions; median %s, mean %s, 99 %% below %s, largest %s nats"
                .formatted(
                    Figures.count(all),
                    Digits.fine(d.median()),
                    Digits.fine(d.mean().mean()),
                    Digits.fine(d.p99()),
                    Digits.fine(d.max())));
    HistogramChart chart = new HistogramChart(svg, histogram);
    chart.bars(Math.max(1, all));
    chart.axis();
    chart.marks(d);
    svg.close();
  }

  private void bars(long all) {
    double most = 0;
    for (int i = first; i <= last; i++) {
      most = Math.max(most, (double) histogram.counts().get(i) / all);
    }
    double top = most > 0 ? most : 1;
    for (double share : new double[] {0, .5, 1}) {
      double y = BOTTOM - share * (BOTTOM - TOP);
      svg.line(LEFT, y, RIGHT, y, "grid");
      svg.label(LEFT - 6, y + 4, Figures.fixed(100 * share * top, 1) + " %", "end");
    }
    for (int i = first; i <= last; i++) {
      double height = histogram.counts().get(i) / (all * top) * (BOTTOM - TOP);
      svg.rectangle(binX(i) + .5, BOTTOM - height, width() - 1, height, "bar");
    }
  }

  private double width() {
    return (double) (RIGHT - LEFT) / (last - first + 1);
  }

  /// Left side of a bin.
  private double binX(int bin) {
    return LEFT + (bin - first) * width();
  }

  /// Where a divergence stands: between the edges of its bin by its logarithm, in the middle of the
  /// bins that are open.
  private double x(double value) {
    List<Double> edges = histogram.edges();
    int bin = 0;
    while (bin < edges.size() && value >= edges.get(bin)) {
      bin++;
    }
    double share = .5;
    if (bin > 0 && bin < edges.size()) {
      share = Math.log(value / edges.get(bin - 1)) / Math.log(edges.get(bin) / edges.get(bin - 1));
    }
    return Math.clamp(binX(bin) + share * width(), LEFT, RIGHT);
  }

  /// Powers of ten, as many as have room.
  private void axis() {
    List<Double> edges = histogram.edges();
    double free = Double.NEGATIVE_INFINITY;
    for (int i = Math.max(0, first - 1); i <= Math.min(last, edges.size() - 1); i++) {
      double power = Math.log10(edges.get(i));
      double x = binX(i + 1);
      String text = "1e" + Math.round(power);
      double half = Svg.width(text) / 2;
      if (Math.abs(power - Math.rint(power)) < 1e-6 && x - half > free && x + half <= Svg.WIDTH) {
        svg.line(x, BOTTOM, x, BOTTOM + 4, "tick");
        svg.label(x, BOTTOM + 17, text, "middle");
        free = x + half + GAP;
      }
    }
    svg.label((LEFT + RIGHT) / 2.0, BOTTOM + 36, "KL divergence at a position, nats", "middle");
  }

  /// The largest on top and every name left of its line, so that no line crosses a name.
  private void marks(Divergence d) {
    List<Mark> marks =
        List.of(
                new Mark("median", d.median()),
                new Mark("mean", d.mean().mean()),
                new Mark("99 %", d.p99()),
                new Mark("largest", d.max()))
            .stream()
            .sorted(Comparator.comparingDouble(Mark::value).reversed())
            .toList();
    for (int i = 0; i < marks.size(); i++) {
      double x = x(marks.get(i).value);
      svg.line(x, ROW * (i + 1) - 11, x, BOTTOM, "mark");
    }
    for (int i = 0; i < marks.size(); i++) {
      double x = x(marks.get(i).value);
      String text = marks.get(i).name + " " + Digits.fine(marks.get(i).value);
      boolean room = x - 4 - Svg.width(text) > 0;
      svg.label(room ? x - 4 : x + 4, ROW * (i + 1) - 2, text, room ? "end" : "start");
    }
  }
}
