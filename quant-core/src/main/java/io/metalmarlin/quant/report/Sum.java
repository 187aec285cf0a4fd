package io.metalmarlin.quant.report;

import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.function.Function;

/// Some weights together. A figure is empty where one of them has none, so that no sum is of a part
/// only.
///
/// @param count matrices
/// @param elements numbers in them
/// @param from,to how they were and are stored, each name once
/// @param bits per number, scales included, weighted by numbers
/// @param error mean, weighted by numbers
/// @param hessianError the same over those that calibration tokens reached
/// @param seconds of solving
public record Sum(
    long count,
    long elements,
    List<String> from,
    List<String> to,
    OptionalDouble bits,
    OptionalLong sourceBytes,
    OptionalLong outputBytes,
    OptionalDouble error,
    OptionalDouble hessianError,
    OptionalDouble seconds) {
  /// @param weights at least one
  static Sum of(List<Weight> weights) {
    return new Sum(
        weights.size(),
        weights.stream().mapToLong(Weight::elements).sum(),
        weights.stream().flatMap(w -> w.from().stream()).distinct().toList(),
        weights.stream().map(Weight::to).distinct().toList(),
        mean(weights, Weight::bits),
        bytes(weights, Weight::sourceBytes),
        bytes(weights, Weight::outputBytes),
        mean(weights, Weight::error),
        mean(
            weights.stream().filter(w -> w.hessianError().isPresent()).toList(),
            Weight::hessianError),
        weights.stream().allMatch(w -> w.solve().isPresent())
            ? OptionalDouble.of(
                weights.stream().mapToDouble(w -> w.solve().orElseThrow().seconds()).sum())
            : OptionalDouble.empty());
  }

  private static OptionalDouble mean(
      List<Weight> weights, Function<Weight, OptionalDouble> figure) {
    double sum = 0;
    double elements = 0;
    for (Weight w : weights) {
      OptionalDouble v = figure.apply(w);
      if (v.isEmpty() || weights.size() > 1 && w.elements() == 0) {
        return OptionalDouble.empty();
      }
      if (weights.size() == 1) {
        return v;
      }
      sum += v.getAsDouble() * w.elements();
      elements += w.elements();
    }
    return weights.isEmpty() ? OptionalDouble.empty() : OptionalDouble.of(sum / elements);
  }

  private static OptionalLong bytes(List<Weight> weights, Function<Weight, OptionalLong> figure) {
    List<OptionalLong> all = weights.stream().map(figure).toList();
    return all.stream().allMatch(OptionalLong::isPresent)
        ? OptionalLong.of(all.stream().mapToLong(OptionalLong::getAsLong).sum())
        : OptionalLong.empty();
  }
}
