package io.metalmarlin.runtime.decode;

import java.util.Set;

/// How to continue a prompt.
///
/// @param maxTokens tokens to produce at most
/// @param temperature 0 takes the most probable token every time (lowest id on a tie)
/// @param topP share of probability to sample from, in (0, 1]; most probable tokens first
/// @param seed of the counter-based random numbers: draw `i` depends on the seed and `i` only
/// @param stopIds producing one of these ends the text; it is not handed out
public record GenerateOptions(
    int maxTokens, double temperature, double topP, long seed, Set<Integer> stopIds) {
  public GenerateOptions {
    stopIds = Set.copyOf(stopIds);
    if (maxTokens < 0 || !(temperature >= 0) || !(topP > 0 && topP <= 1)) {
      throw new IllegalArgumentException(
          "max tokens " + maxTokens + ", temperature " + temperature + ", top-p " + topP);
    }
  }

  public static GenerateOptions greedy(int maxTokens) {
    return new GenerateOptions(maxTokens, 0, 1, 0, Set.of());
  }
}
