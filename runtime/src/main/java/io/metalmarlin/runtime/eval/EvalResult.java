package io.metalmarlin.runtime.eval;

import io.metalmarlin.runtime.backend.CacheUse;
import java.util.Optional;

/// What an evaluation measured; every number was computed in the run that made it.
///
/// @param protocol for example `ctx512-second-half`
/// @param windows windows evaluated
/// @param scored positions scored
/// @param perplexity of the model, with a 95 % interval over window clusters
/// @param allPositionsPerplexity over all positions of the same windows but the last of each
/// @param suspicious why the figures should not be trusted (for example a perplexity above a tenth
///   of the vocabulary); empty when nothing is odd
/// @param divergence against the reference model, when there was one
/// @param cache what a cache of one window took; empty where keys and values were not rounded
/// @param seconds wall time
public record EvalResult(
    String protocol,
    int windows,
    long scored,
    Interval perplexity,
    double allPositionsPerplexity,
    Optional<String> suspicious,
    Optional<Divergence> divergence,
    Optional<CacheUse> cache,
    double seconds) {
  /// A mean with its 95 % confidence interval.
  public record Interval(double mean, double low, double high) {}

  /// How far the model is from the reference on the same positions, in nats.
  ///
  /// @param mean mean KL(reference || model)
  /// @param top1 share of positions with the same most probable token
  /// @param logPerplexityRatio mean of nll(model) - nll(reference), paired by position
  /// @param histogram of the divergence over the scored positions
  public record Divergence(
      Interval mean,
      double median,
      double p90,
      double p95,
      double p99,
      double p999,
      double max,
      Interval top1,
      double referencePerplexity,
      Interval logPerplexityRatio,
      Histogram histogram) {}
}
