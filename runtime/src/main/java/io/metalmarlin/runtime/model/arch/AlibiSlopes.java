package io.metalmarlin.runtime.model.arch;

import java.util.ArrayList;
import java.util.List;

/// The slopes of ALiBi.
///
/// Source: Press et al. 2022, section 3; for other numbers of heads than powers of two their code
/// and transformers 5.23 `models/bloom/modeling_bloom.py`.
final class AlibiSlopes {
  private AlibiSlopes() {}

  /// Powers of `2^(-8 / n)` for `n` heads, a power of two; heads beyond the last power of two take
  /// every other slope of twice as many.
  static List<Float> of(int heads) {
    int whole = Integer.highestOneBit(heads);
    List<Float> slopes = new ArrayList<>();
    for (int h = 0; h < heads; h++) {
      double exponent = h < whole ? 8.0 * (h + 1) / whole : 4.0 * (2 * (h - whole) + 1) / whole;
      slopes.add((float) Math.pow(2, -exponent));
    }
    return slopes;
  }
}
