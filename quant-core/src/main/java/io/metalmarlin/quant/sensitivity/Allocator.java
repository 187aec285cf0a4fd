package io.metalmarlin.quant.sensitivity;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.quant.plan.BlockTypes;
import io.metalmarlin.quant.plan.SchemeRule;
import io.metalmarlin.quant.sensitivity.Allocation.Chosen;
import io.metalmarlin.quant.sensitivity.Knapsack.Choice;
import io.metalmarlin.quant.sensitivity.Knapsack.Option;
import io.metalmarlin.quant.sensitivity.Sensitivities.Cost;
import io.metalmarlin.quant.sensitivity.Sensitivities.UnitCosts;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// Chooses the scheme of every unit: the sum of the costs as small as a budget allows, or the
/// smallest output whose sum stays below a limit.
public final class Allocator {
  private final Sensitivities costs;
  private final long keptBytes;
  private final List<List<Cost>> options = new ArrayList<>();

  /// @param schemes that may be chosen, among them perhaps [SchemeRule#SOURCE]
  /// @param minBits least bits per weight of units by the last name of a module
  /// @param keptBytes of the tensors that are not quantized
  /// @throws MarlinException `BAD_FLAG` for a scheme without costs, a name that no unit has, and a
  ///   minimum that leaves a unit without a scheme
  public Allocator(
      Sensitivities costs, List<String> schemes, Map<String, Double> minBits, long keptBytes) {
    this.costs = costs;
    this.keptBytes = keptBytes;
    for (String s : schemes) {
      if (!s.equals(SchemeRule.SOURCE) && !costs.schemes().contains(s)) {
        throw bad(
            "--options",
            "%s has no costs; there are those of %s"
                .formatted(s, String.join(", ", costs.schemes())),
            "Measure it with marlin sensitivity --schemes.");
      }
    }
    for (String role : minBits.keySet()) {
      if (costs.units().stream().noneMatch(u -> names(u).contains(role))) {
        throw bad(
            "--min-bits " + role,
            "is the name of no module",
            "Use the last part of a name, for example down_proj=4.");
      }
    }
    for (UnitCosts u : costs.units()) {
      double least =
          names(u).stream().mapToDouble(n -> minBits.getOrDefault(n, 0.0)).max().orElse(0);
      List<Cost> own =
          u.costs().stream()
              .filter(c -> schemes.contains(c.scheme()))
              .filter(c -> c.bits() >= least * u.weights())
              .toList();
      if (own.isEmpty()) {
        throw bad(
            "--min-bits",
            "leaves %s without a scheme: none of the options has %s bits"
                .formatted(u.unit(), least),
            "Add a wider scheme to --options.");
      }
      options.add(own);
    }
  }

  private static List<String> names(UnitCosts u) {
    return Arrays.asList(u.unit().split("[.+]"));
  }

  private static MarlinException bad(String where, String what, String hint) {
    return new MarlinException(ErrorCode.BAD_FLAG, where, what, hint);
  }

  /// @throws MarlinException `TARGET_CANNOT` with the range that can be reached
  public Allocation allocate(Budget budget) {
    boolean bits = budget.kind() == Budget.Kind.BITS;
    Knapsack knapsack =
        new Knapsack(
            options.stream()
                .map(own ->
                    own.stream().map(c -> new Option(bits ? bits(c) : c.bytes(), c.kld())).toList())
                .toList());
    Choice choice =
        (switch (budget.kind()) {
              case BITS -> knapsack.within((long) Math.floor(budget.value() * weights()));
              case BYTES -> knapsack.within((long) budget.value() - keptBytes);
              case KLD -> knapsack.losing(budget.value());
            })
            .orElseThrow(() -> unreachable(budget, knapsack));
    return allocation(budget, choice, bits ? "bits" : "bytes");
  }

  private static long bits(Cost c) {
    return (long) Math.ceil(c.bits());
  }

  private double weights() {
    return costs.units().stream().mapToLong(UnitCosts::weights).sum();
  }

  private MarlinException unreachable(Budget budget, Knapsack knapsack) {
    String range =
        switch (budget.kind()) {
          case BITS ->
              "from %.4f to %.4f bits per weight"
                  .formatted(
                      Math.ceil(1e4 * knapsack.least() / weights()) / 1e4,
                      knapsack.most() / weights());
          case BYTES ->
              "from %d to %d bytes"
                  .formatted(knapsack.least() + keptBytes, knapsack.most() + keptBytes);
          case KLD -> "from a KL divergence of %.5f".formatted(knapsack.leastLoss());
        };
    return new MarlinException(
        ErrorCode.TARGET_CANNOT,
        "budget",
        "%s cannot be reached: the options go %s"
            .formatted(budget.text(), String.format(Locale.ROOT, "%s", range)),
        "Choose a budget in that range, or other --options.");
  }

  private Allocation allocation(Budget budget, Choice choice, String unit) {
    List<Chosen> chosen = new ArrayList<>();
    Map<String, Long> weights = new HashMap<>();
    double bits = 0;
    long bytes = 0;
    for (int u = 0; u < choice.picks().length; u++) {
      UnitCosts costs = this.costs.units().get(u);
      Cost c = options.get(u).get(choice.picks()[u]);
      chosen.add(
          new Chosen(costs.unit(), c.scheme(), c.bits() / costs.weights(), c.bytes(), c.kld()));
      weights.merge(c.scheme(), costs.weights(), Long::sum);
      bits += c.bits();
      bytes += c.bytes();
    }
    String base = base(weights);
    List<SchemeRule> rules = new ArrayList<>();
    for (int u = 0; u < chosen.size(); u++) {
      String scheme = chosen.get(u).scheme();
      if (!scheme.equals(base)) {
        costs.units().get(u).patterns().forEach(p -> rules.add(new SchemeRule(p, scheme)));
      }
    }
    return new Allocation(
        budget.text(),
        base,
        rules,
        bits / weights(),
        bytes,
        choice.loss(),
        choice.bound(),
        choice.bucket(),
        unit,
        "%s with %s on %d windows of %d tokens of %s"
            .formatted(
                costs.mode(), costs.method(), costs.windows(), costs.context(), costs.dataset()),
        chosen,
        costs);
  }

  /// The scheme of most weights; block types whose encoder weighs columns go first, because the
  /// method follows from the recipe's own scheme.
  private static String base(Map<String, Long> weights) {
    return weights.keySet().stream()
        .filter(s -> !s.equals(SchemeRule.SOURCE))
        .max(
            Comparator.<String, Boolean>comparing(
                    s -> BlockTypes.named(s).filter(BlockTypes::usesImportance).isPresent())
                .thenComparing(weights::get)
                .thenComparing(Comparator.reverseOrder()))
        .orElseThrow(() ->
            bad(
                "budget",
                "leaves every weight in its source type",
                "Choose a smaller one, or leave source out of --options."));
  }
}
