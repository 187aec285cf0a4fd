package io.metalmarlin.quant.sensitivity;

import io.metalmarlin.quant.plan.SchemeRule;
import java.util.List;

/// Which scheme each unit gets.
///
/// @param budget for people
/// @param scheme what most weights get and a recipe calls its own
/// @param rules for the units with another one
/// @param bitsPerWeight over all units, scales included
/// @param bytes of the units' tensors
/// @param predictedKld the sum of the costs
/// @param bound no allocation of this cost has a smaller sum
/// @param bucket costs were rounded up to multiples of it
/// @param unit of `bucket`, `bits` or `bytes`
/// @param costs how they were measured, for people
/// @param sensitivities the costs themselves
public record Allocation(
    String budget,
    String scheme,
    List<SchemeRule> rules,
    double bitsPerWeight,
    long bytes,
    double predictedKld,
    double bound,
    long bucket,
    String unit,
    String costs,
    List<Chosen> units,
    Sensitivities sensitivities) {
  public Allocation {
    rules = List.copyOf(rules);
    units = List.copyOf(units);
  }

  /// One unit's choice.
  public record Chosen(String unit, String scheme, double bitsPerWeight, long bytes, double kld) {}
}
