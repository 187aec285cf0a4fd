package io.metalmarlin.runtime.model;

import java.util.Optional;

/// What happens to the products of queries and keys before the softmax.
///
/// @param scale their factor
/// @param softcap scores are `softcap * tanh(score / softcap)`; 0 for none
/// @param span which keys are seen
/// @param alibi what is added behind the soft cap
public record Scores(float scale, float softcap, Span span, Optional<Alibi> alibi) {
  /// All earlier keys, nothing but a factor.
  public static Scores plain(float scale) {
    return new Scores(scale, 0, Span.FULL, Optional.empty());
  }
}
