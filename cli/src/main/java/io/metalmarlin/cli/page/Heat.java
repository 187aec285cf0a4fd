package io.metalmarlin.cli.page;

import java.util.OptionalDouble;
import java.util.stream.DoubleStream;

/// Shades of a table of positive figures: equal steps of their logarithm from the smallest to the
/// largest, or to four times the smallest, so that figures that are nearly alike look so. The
/// figures stand in the cells; the shade only leads the eye.
record Heat(double low, double high) {
  static final int LEVELS = 6;
  private static final double LEAST = 4;

  static Heat of(DoubleStream figures) {
    double[] positive = figures.filter(v -> v > 0).sorted().toArray();
    return positive.length == 0
        ? new Heat(1, LEAST)
        : new Heat(positive[0], Math.max(positive[positive.length - 1], LEAST * positive[0]));
  }

  /// The class of a cell.
  String level(double v) {
    return "h" + step(v);
  }

  /// From 0, the lightest.
  int step(double v) {
    double share = v > 0 ? Math.log(v / low) / Math.log(high / low) : 0;
    return Math.clamp((int) (share * LEVELS), 0, LEVELS - 1);
  }

  String level(OptionalDouble v) {
    return v.isPresent() ? level(v.getAsDouble()) : "h0";
  }
}
