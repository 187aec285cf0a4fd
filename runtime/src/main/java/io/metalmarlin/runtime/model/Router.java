package io.metalmarlin.runtime.model;

import io.metalmarlin.runtime.model.ModelSpec.Linear;
import io.metalmarlin.runtime.model.ModelSpec.Parameter;
import java.util.Optional;

/// Which experts a token goes to, and with which weights.
///
/// @param linear to one logit for each expert
/// @param score what becomes of the logits
/// @param chosen experts of each token: those with the highest scores
/// @param correction added to the scores for the choice, not for the weights
/// @param groups of experts that are chosen first
/// @param normalised the weights of a token's experts are divided by their sum
/// @param scale factor of the weights
/// @param ofInput the weights multiply what the experts read instead of what they return
public record Router(
    Linear linear,
    Score score,
    int chosen,
    Optional<Parameter> correction,
    Optional<Groups> groups,
    boolean normalised,
    float scale,
    boolean ofInput) {
  /// How logits become scores.
  public enum Score {
    /// Over all experts.
    SOFTMAX,
    /// Each for itself.
    SIGMOID
  }

  /// Experts in groups of equal size, of which a token may use some.
  ///
  /// @param kept groups whose experts may be chosen: those with the highest scores
  /// @param best scores whose sum is a group's score
  public record Groups(int count, int kept, int best) {}

  public int experts() {
    return linear.out();
  }
}
