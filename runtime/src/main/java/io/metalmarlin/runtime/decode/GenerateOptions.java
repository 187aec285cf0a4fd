package io.metalmarlin.runtime.decode;

import java.util.Set;

/// How to continue a prompt.
///
/// @param maxTokens tokens to produce at most
/// @param temperature 0 takes the most probable token every time (lowest id on a tie)
/// @param topK sample from so many of the most probable tokens; 0 for all
/// @param topP share of probability to sample from, in (0, 1]; most probable tokens first
/// @param repetitionPenalty logits of tokens that occurred are divided by it when positive and
///   multiplied when negative; 1 for none
/// @param seed of the counter-based random numbers: draw `i` depends on the seed and `i` only
/// @param stopIds producing one of these ends the text; it is not handed out
public record GenerateOptions(
    int maxTokens,
    double temperature,
    int topK,
    double topP,
    double repetitionPenalty,
    long seed,
    Set<Integer> stopIds) {
  public GenerateOptions {
    stopIds = Set.copyOf(stopIds);
    if (maxTokens < 0
        || !(temperature >= 0)
        || topK < 0
        || !(topP > 0 && topP <= 1)
        || !(repetitionPenalty > 0)) {
      throw new IllegalArgumentException(
          "max tokens %d, temperature %s, top-k %d, top-p %s, repetition penalty %s"
              .formatted(maxTokens, temperature, topK, topP, repetitionPenalty));
    }
  }

  /// Without top-k and repetition penalty.
  public GenerateOptions(
      int maxTokens, double temperature, double topP, long seed, Set<Integer> stopIds) {
    this(maxTokens, temperature, 0, topP, 1, seed, stopIds);
  }

  public static GenerateOptions greedy(int maxTokens) {
    return new GenerateOptions(maxTokens, 0, 1, 0, Set.of());
  }

  /// The same for another number of tokens.
  public GenerateOptions limitedTo(int tokens) {
    return new GenerateOptions(tokens, temperature, topK, topP, repetitionPenalty, seed, stopIds);
  }
}
