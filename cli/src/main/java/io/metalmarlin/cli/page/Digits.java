package io.metalmarlin.cli.page;

import io.metalmarlin.cli.out.Figures;
import io.metalmarlin.quant.report.Quality.Interval;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/// Figures of the page: three significant digits, four for what was measured; locale-free.
final class Digits {
  private static final double SMALL = 1e-4;
  private static final double LARGE = 1e6;

  private Digits() {}

  static String of(double v) {
    return significant(v, 3);
  }

  /// One digit more, for what was measured.
  static String fine(double v) {
    return significant(v, 4);
  }

  private static String significant(double v, int digits) {
    if (v == 0) {
      return "0";
    }
    double size = Math.abs(v);
    if (size < SMALL || size >= LARGE) {
      return String.format(Locale.ROOT, "%." + (digits - 1) + "e", v)
          .replaceFirst("e([+-])0?", "e$1")
          .replace("e+", "e");
    }
    int decimals = Math.max(0, digits - 1 - (int) Math.floor(Math.log10(size)));
    return String.format(Locale.ROOT, "%." + decimals + "f", v);
  }

  static String of(OptionalDouble v) {
    return v.isPresent() ? of(v.getAsDouble()) : Figures.NONE;
  }

  static String bytes(OptionalLong v) {
    return v.isPresent() ? Figures.bytes(v.getAsLong()) : Figures.NONE;
  }

  static String bits(OptionalDouble v) {
    return v.isPresent() ? Figures.fixed(v.getAsDouble(), 3) : Figures.NONE;
  }

  /// `0.0121 to 0.0149`; empty for an interval of one window.
  static String range(Interval i) {
    return i.low().isPresent() && i.high().isPresent()
        ? fine(i.low().getAsDouble()) + " to " + fine(i.high().getAsDouble())
        : "one window, no interval";
  }

  static String percentRange(Interval i) {
    return i.low().isPresent() && i.high().isPresent()
        ? Figures.percent(i.low().getAsDouble()) + " to " + Figures.percent(i.high().getAsDouble())
        : "one window, no interval";
  }
}
