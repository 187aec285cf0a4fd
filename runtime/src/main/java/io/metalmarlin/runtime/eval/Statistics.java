package io.metalmarlin.runtime.eval;

import io.metalmarlin.runtime.eval.EvalResult.Interval;
import java.util.Arrays;

/// Means with confidence over windows, and quantiles.
///
/// Positions of one window depend on each other, so windows are the units: `SE = sqrt(W/(W-1) sum_w
/// (S_w - n m)^2) / N` with S_w the sum over window w, n its positions, m the mean and N all
/// positions. 95 % intervals take 1.96 SE, Student's quantile below 30 windows.
final class Statistics {
  /// Two-sided 95 % quantiles of Student's t for 1 .. 28 degrees of freedom.
  private static final double[] STUDENT = {
    12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160,
        2.145,
    2.131, 2.120, 2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048
  };

  private Statistics() {}

  /// Mean of all values and its interval; the bounds are NaN for a single window.
  ///
  /// @param values windows one after another, `perWindow` values each
  static Interval mean(double[] values, int perWindow) {
    int windows = values.length / perWindow;
    double mean = Arrays.stream(values).sum() / values.length;
    if (windows < 2) {
      return new Interval(mean, Double.NaN, Double.NaN);
    }
    double squares = 0;
    for (int w = 0; w < windows; w++) {
      double off = 0;
      for (int i = 0; i < perWindow; i++) {
        off += values[w * perWindow + i] - mean;
      }
      squares += off * off;
    }
    double error = Math.sqrt(windows / (windows - 1.0) * squares) / values.length;
    double reach = error * (windows < 30 ? STUDENT[windows - 2] : 1.96);
    return new Interval(mean, mean - reach, mean + reach);
  }

  /// The interval of `exp(mean)`: bounds move with the monotone map.
  static Interval exponential(Interval log) {
    return new Interval(Math.exp(log.mean()), Math.exp(log.low()), Math.exp(log.high()));
  }

  /// Quantile with linear interpolation between order statistics.
  ///
  /// @param sorted ascending
  static double quantile(double[] sorted, double share) {
    double at = share * (sorted.length - 1);
    int below = (int) at;
    int above = Math.min(below + 1, sorted.length - 1);
    return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
  }
}
