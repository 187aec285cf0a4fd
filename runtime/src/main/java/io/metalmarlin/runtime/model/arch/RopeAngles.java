package io.metalmarlin.runtime.model.arch;

import java.util.ArrayList;
import java.util.List;

/// Angles per position step of the rotary embedding and its scalings, in fp64.
///
/// Source: transformers 5.23 `modeling_rope_utils.py`; YaRN: Peng et al. 2023, section 3.
final class RopeAngles {
  private RopeAngles() {}

  /// `base^(-2i / width)` for each of `width / 2` pairs.
  static List<Double> plain(double base, int width) {
    List<Double> inverse = new ArrayList<>();
    for (int i = 0; i < width / 2; i++) {
      inverse.add(Math.pow(base, -2.0 * i / width));
    }
    return inverse;
  }

  /// Long wavelengths are divided by `factor`, short ones kept, those between blended.
  static List<Double> llama3(
      List<Double> inverse, double factor, double low, double high, double oldContext) {
    List<Double> scaled = new ArrayList<>();
    for (double f : inverse) {
      double turns = oldContext * f / (2 * Math.PI);
      double keep = Math.clamp((turns - low) / (high - low), 0, 1);
      scaled.add((1 - keep) * f / factor + keep * f);
    }
    return scaled;
  }

  /// Pairs that turn more than `fast` times within the old context are kept, those that turn less
  /// than `slow` times divided by `factor`, those between blended by their number.
  ///
  /// @param truncate whether the blend begins and ends at whole pairs
  static List<Double> yarn(
      double base,
      int width,
      double factor,
      double oldContext,
      double fast,
      double slow,
      boolean truncate) {
    double low = pair(fast, width, base, oldContext);
    double high = pair(slow, width, base, oldContext);
    if (truncate) {
      low = Math.floor(low);
      high = Math.ceil(high);
    }
    low = Math.max(low, 0);
    high = Math.min(high, width - 1);
    double range = low == high ? 0.001 : high - low;
    List<Double> plain = plain(base, width);
    List<Double> scaled = new ArrayList<>();
    for (int i = 0; i < plain.size(); i++) {
      double stretch = Math.clamp((i - low) / range, 0, 1);
      scaled.add(plain.get(i) / factor * stretch + plain.get(i) * (1 - stretch));
    }
    return scaled;
  }

  /// The pair that turns so many times within a context.
  private static double pair(double turns, int width, double base, double context) {
    return width * Math.log(context / (turns * 2 * Math.PI)) / (2 * Math.log(base));
  }

  /// By how much YaRN enlarges queries and keys.
  static double magnitude(double factor, double scale) {
    return factor <= 1 ? 1 : 0.1 * scale * Math.log(factor) + 1;
  }
}
