package io.metalmarlin.runtime.model;

import java.util.List;
import java.util.function.IntFunction;

/// Rotary embedding of the first `2 * pairs` values of each head; the rest stays.
///
/// @param neighbours pair `i` is `(2i, 2i + 1)`; otherwise `(i, i + pairs)`
/// @param pairs pairs that are turned
/// @param angles the angles for a sequence of so many tokens, past ones included; the same object
///   wherever the angles are the same
public record Rope(boolean neighbours, int pairs, IntFunction<Angles> angles) {
  /// @param inverseFrequencies angle of each pair per position step, scaling already applied
  /// @param factor of sine and cosine
  public record Angles(List<Double> inverseFrequencies, float factor) {
    public Angles {
      inverseFrequencies = List.copyOf(inverseFrequencies);
    }
  }

  /// Angles that do not depend on the length.
  public static Rope fixed(boolean neighbours, Angles angles) {
    return new Rope(neighbours, angles.inverseFrequencies().size(), length -> angles);
  }

  /// The angles of a sequence of `length` tokens.
  public Angles at(int length) {
    return angles.apply(length);
  }

  /// The same angles on neighbouring pairs.
  public Rope onNeighbours() {
    return new Rope(true, pairs, angles);
  }
}
