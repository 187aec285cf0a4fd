package io.metalmarlin.cli.out;

import java.util.Locale;

/// Numbers for people. Locale-free, so that two machines print the same text.
public final class Figures {
  /// What stands for a number that was not measured.
  public static final String NONE = "-";

  private static final String[] UNITS = {"KiB", "MiB", "GiB", "TiB"};

  private Figures() {}

  /// Bytes in binary units: `512 B`, `13.0 MiB`.
  public static String bytes(long n) {
    if (n < 1024) {
      return n + " B";
    }
    double v = n / 1024.0;
    int unit = 0;
    while (v >= 1024 && unit < UNITS.length - 1) {
      v /= 1024;
      unit++;
    }
    return String.format(Locale.ROOT, v < 10 ? "%.2f %s" : "%.1f %s", v, UNITS[unit]);
  }

  /// A duration: `0.42 s`, `12.3 s`, `4m 05s`, `2h 03m`.
  public static String seconds(double s) {
    if (!Double.isFinite(s)) {
      return NONE;
    }
    if (s < 9.95) {
      return String.format(Locale.ROOT, "%.2f s", s);
    }
    if (s < 99.5) {
      return String.format(Locale.ROOT, "%.1f s", s);
    }
    long whole = Math.round(s);
    return whole < 3600
        ? String.format(Locale.ROOT, "%dm %02ds", whole / 60, whole % 60)
        : String.format(Locale.ROOT, "%dh %02dm", whole / 3600, whole % 3600 / 60);
  }

  /// A number with a fixed count of decimals, `-` when it is not finite.
  public static String fixed(double v, int decimals) {
    return Double.isFinite(v) ? String.format(Locale.ROOT, "%." + decimals + "f", v) : NONE;
  }

  /// A share in percent with two decimals.
  public static String percent(double share) {
    return Double.isFinite(share) ? String.format(Locale.ROOT, "%.2f %%", 100 * share) : NONE;
  }

  /// A whole number with thousands separators.
  public static String count(long n) {
    return String.format(Locale.ROOT, "%,d", n);
  }
}
