package io.metalmarlin.quant.report;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.function.Function;

/// The weights of a report by role, by layer, and by both.
///
/// @param roles in running order
/// @param layers ascending; [ModulePlace#OUTSIDE] is what stands in no layer
/// @param cells by layer and role, in the order of both
/// @param worst the weights with the largest errors, largest first
public record Sums(
    SequencedMap<String, Sum> roles,
    SequencedMap<Integer, Sum> layers,
    List<Cell> cells,
    List<Weight> worst) {
  private static final int WORST = 20;

  /// The weights of one role in one layer: one, or those of all experts.
  public record Cell(int layer, String role, Sum sum) {}

  /// @param weights in running order
  public static Sums of(List<Weight> weights) {
    Map<String, List<Weight>> roles = grouped(weights, ModulePlace::role);
    Map<Integer, List<Weight>> layers = new TreeMap<>(grouped(weights, ModulePlace::layer));
    List<Cell> cells = new ArrayList<>();
    layers.forEach((layer, own) ->
        grouped(own, ModulePlace::role)
            .forEach((role, some) -> cells.add(new Cell(layer, role, Sum.of(some)))));
    return new Sums(
        summed(roles),
        summed(layers),
        cells,
        weights.stream()
            .filter(w -> w.error().orElse(0) > 0)
            .sorted(Comparator.comparingDouble((Weight w) -> w.error().getAsDouble()).reversed())
            .limit(WORST)
            .toList());
  }

  private static <K> Map<K, List<Weight>> grouped(
      List<Weight> weights, Function<ModulePlace, K> key) {
    Map<K, List<Weight>> groups = new LinkedHashMap<>();
    for (Weight w : weights) {
      groups.computeIfAbsent(key.apply(w.place()), k -> new ArrayList<>()).add(w);
    }
    return groups;
  }

  private static <K> SequencedMap<K, Sum> summed(Map<K, List<Weight>> groups) {
    SequencedMap<K, Sum> sums = new LinkedHashMap<>();
    groups.forEach((key, weights) -> sums.put(key, Sum.of(weights)));
    return sums;
  }
}
