package io.metalmarlin.quant.report;

import io.metalmarlin.quant.plan.ModulePattern;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/// What rounding each unit costs at the model's output, and what a budget chose by it.
///
/// @param dataset,windows,context the tokens that were run
/// @param mode `measured`, or `fast`: see [Cost#measured]
/// @param method with which weights were rounded
/// @param rankCorrelation of the fast mode with what was measured; empty where not computed
/// @param choice what a budget made of it; empty where no budget was given
public record Costs(
    String model,
    String target,
    String dataset,
    long windows,
    long context,
    String mode,
    String method,
    List<String> schemes,
    List<Unit> units,
    OptionalDouble rankCorrelation,
    Optional<Choice> choice) {
  /// Weights that get one scheme.
  ///
  /// @param costs in the order of [Costs#schemes], leaving them as they are last if it is there
  /// @param chosen the scheme that a budget gave it
  public record Unit(String unit, long weights, List<Cost> costs, Optional<String> chosen) {}

  /// @param kld mean divergence of the output in nats with this unit alone under this scheme
  /// @param measured false where it follows from how far another scheme moves the weights
  public record Cost(String scheme, double kld, boolean measured) {}

  /// @param budget for people
  /// @param predictedKld sum of the chosen costs
  /// @param bound no choice of this size has a smaller sum
  public record Choice(String budget, double bitsPerWeight, double predictedKld, double bound) {}

  /// @param table as `marlin sensitivity` writes it
  /// @param allocation as `quantize` keeps it; empty without a budget
  static Costs of(Part table, Optional<Part> allocation) {
    Map<String, String> chosen = new HashMap<>();
    allocation.ifPresent(
        a -> a.list("units").forEach(u -> chosen.put(u.text("unit"), u.text("scheme"))));
    List<Unit> units = new ArrayList<>();
    for (Part u : table.list("units")) {
      List<Cost> costs = new ArrayList<>();
      for (Part c : u.list("costs")) {
        costs.add(new Cost(c.text("scheme"), c.number("kld"), c.flag("measured")));
      }
      String name = u.text("unit");
      units.add(new Unit(name, u.count("weights"), costs, Optional.ofNullable(chosen.get(name))));
    }
    return new Costs(
        table.text("model"),
        table.text("target"),
        table.text("dataset"),
        table.count("windows"),
        table.count("context"),
        table.text("mode"),
        table.text("method"),
        table.texts("schemes"),
        units,
        table.optionalNumber("rank_correlation"),
        allocation.map(a ->
            new Choice(
                a.text("budget"),
                a.number("bits_per_weight"),
                a.number("predicted_kld"),
                a.number("bound"))));
  }

  /// The first pattern of a table's units that means no weight of the report; empty when all do.
  static Optional<String> stranger(Part table, List<String> modules) {
    return table.list("units").stream()
        .flatMap(u -> u.texts("patterns").stream())
        .filter(p -> {
          ModulePattern pattern = ModulePattern.of(p);
          return modules.stream().noneMatch(pattern::matches);
        })
        .findFirst();
  }
}
