package io.metalmarlin.cli.page;

import java.util.List;
import java.util.OptionalDouble;
import java.util.function.Function;
import java.util.stream.DoubleStream;

/// The errors of one role from layer to layer, on a logarithmic axis that all roles share.
///
/// @param low,high powers of ten at the ends of the axis
/// @param first,last layers at the ends of the other
record ErrorChart(int low, int high, int first, int last) {
  private static final int HEIGHT = 150;
  private static final int LEFT = 40;
  private static final int RIGHT = Svg.WIDTH - 8;
  private static final int TOP = 12;
  private static final int BOTTOM = 120;

  /// The errors of a role in a layer.
  record Point(int layer, OptionalDouble error, OptionalDouble hessian) {}

  /// @param all of every role
  static ErrorChart of(List<Point> all) {
    double[] values =
        all.stream()
            .flatMapToDouble(p -> DoubleStream.concat(p.error.stream(), p.hessian.stream()))
            .filter(v -> v > 0)
            .sorted()
            .toArray();
    int low = values.length == 0 ? -1 : (int) Math.floor(Math.log10(values[0]));
    int high = values.length == 0 ? 0 : (int) Math.ceil(Math.log10(values[values.length - 1]));
    return new ErrorChart(
        low,
        Math.max(high, low + 1),
        all.stream().mapToInt(Point::layer).min().orElse(0),
        all.stream().mapToInt(Point::layer).max().orElse(0));
  }

  /// @param points ascending by layer
  void draw(Html html, String id, String role, List<Point> points) {
    String description =
        "Relative error by layer, from "
            + ends(points, Point::error)
            + (points.stream().anyMatch(p -> p.hessian.isPresent())
                ? "; weighted by the calibration tokens from " + ends(points, Point::hessian)
                : "");
    Svg svg = Svg.open(html, id, HEIGHT, role, description);
    int every = Math.max(1, Math.ceilDiv(high - low, 4));
    for (int power = low; power <= high; power += every) {
      svg.line(LEFT, y(power), RIGHT, y(power), "grid");
      svg.label(LEFT - 6, y(power) + 4, power == 0 ? "1" : "1e" + power, "end");
    }
    series(svg, points, Point::error, "plain");
    series(svg, points, Point::hessian, "weighted");
    BarChart.layers(svg, first, last, LEFT, RIGHT, BOTTOM);
    svg.close();
  }

  private static String ends(List<Point> points, Function<Point, OptionalDouble> figure) {
    double[] all =
        points.stream().flatMapToDouble(p -> figure.apply(p).stream()).sorted().toArray();
    return all.length == 0 ? "-" : Digits.of(all[0]) + " to " + Digits.of(all[all.length - 1]);
  }

  private void series(
      Svg svg, List<Point> points, Function<Point, OptionalDouble> figure, String kind) {
    List<Point> drawn = points.stream().filter(p -> figure.apply(p).orElse(0) > 0).toList();
    StringBuilder line = new StringBuilder();
    for (Point p : drawn) {
      double y = y(Math.log10(figure.apply(p).getAsDouble()));
      line.append(Svg.at(x(p.layer))).append(',').append(Svg.at(y)).append(' ');
    }
    svg.polyline(line.toString().strip(), "line " + kind);
    for (Point p : drawn) {
      svg.dot(x(p.layer), y(Math.log10(figure.apply(p).getAsDouble())), "dot " + kind);
    }
  }

  private double x(int layer) {
    int steps = last - first;
    return steps == 0
        ? (LEFT + RIGHT) / 2.0
        : LEFT + 6 + (double) (layer - first) / steps * (RIGHT - LEFT - 12);
  }

  private double y(double power) {
    return BOTTOM - (power - low) / (high - low) * (BOTTOM - TOP);
  }
}
