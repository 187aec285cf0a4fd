package io.metalmarlin.cli.page;

import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.function.DoubleFunction;

/// One bar for each layer, from zero.
final class BarChart {
  private static final int HEIGHT = 168;
  private static final int RIGHT = Svg.WIDTH - 6;
  private static final int TOP = 12;
  private static final int BOTTOM = 138;

  private BarChart() {}

  /// @param values by layer, ascending, at least one
  /// @param figure how a value is written at the axis
  static void draw(
      Html html,
      String id,
      String title,
      SequencedMap<Integer, Double> values,
      DoubleFunction<String> figure) {
    int first = values.firstEntry().getKey();
    int last = values.lastEntry().getKey();
    double most = values.values().stream().mapToDouble(v -> v).max().orElse(0);
    double top = most > 0 ? most : 1;
    String description =
        "%d layers; from %s to %s"
            .formatted(
                values.size(),
                figure.apply(values.values().stream().mapToDouble(v -> v).min().orElse(0)),
                figure.apply(most));
    Svg svg = Svg.open(html, id, HEIGHT, title, description);
    List<Double> shares = List.of(0.0, .5, 1.0);
    double left =
        12 + shares.stream().mapToDouble(s -> Svg.width(figure.apply(s * top))).max().orElse(0);
    for (double share : shares) {
      double y = BOTTOM - share * (BOTTOM - TOP);
      svg.line(left, y, RIGHT, y, "grid");
      svg.label(left - 6, y + 4, figure.apply(share * top), "end");
    }
    double step = (RIGHT - left) / (last - first + 1);
    double gap = Math.min(2, step / 4);
    for (Map.Entry<Integer, Double> v : values.entrySet()) {
      double height = v.getValue() / top * (BOTTOM - TOP);
      double x = left + (v.getKey() - first) * step;
      svg.rectangle(x + gap / 2, BOTTOM - height, step - gap, height, "bar");
    }
    layers(svg, first, last, left, RIGHT, BOTTOM);
    svg.close();
  }

  /// Names the ends of an axis of layers.
  static void layers(Svg svg, int first, int last, double left, double right, double bottom) {
    svg.label(left + 2, bottom + 16, Integer.toString(first), "start");
    svg.label((left + right) / 2, bottom + 16, "layer", "middle");
    if (last > first) {
      svg.label(right - 2, bottom + 16, Integer.toString(last), "end");
    }
  }
}
