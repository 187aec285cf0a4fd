package io.metalmarlin.runtime.model;

import java.util.List;

/// What happens to the products of queries and keys before the softmax.
///
/// @param scale their factor
/// @param softcap scores are `softcap * tanh(score / softcap)`; 0 for none
/// @param span which keys are seen
/// @param slopes ALiBi: `slopes[head] * key position` is added; empty for none
public record Scores(float scale, float softcap, Span span, List<Float> slopes) {
  public Scores {
    slopes = List.copyOf(slopes);
  }

  /// All earlier keys, nothing but a factor.
  public static Scores plain(float scale) {
    return new Scores(scale, 0, Span.FULL, List.of());
  }
}
