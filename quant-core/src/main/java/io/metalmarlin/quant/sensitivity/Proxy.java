package io.metalmarlin.quant.sensitivity;

import io.metalmarlin.quant.plan.SchemeRule;
import io.metalmarlin.quant.sensitivity.Sensitivities.Cost;
import io.metalmarlin.quant.sensitivity.Sensitivities.UnitCosts;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The cost that needs no run of its own: a unit's divergence under one scheme, scaled by how much
/// more or less another scheme moves its weights.
///
/// @param base the scheme that was measured
record Proxy(String base) {
  double of(UnitCosts unit, Cost cost) {
    Cost measured = unit.under(base);
    return measured.relativeError() == 0
        ? 0
        : measured.kld() * cost.relativeError() / measured.relativeError();
  }

  /// The unit with the proxy where nothing was measured.
  UnitCosts fill(UnitCosts unit) {
    List<Cost> costs =
        unit.costs().stream()
            .map(c ->
                c.measured()
                    ? c
                    : new Cost(
                        c.scheme(), c.bytes(), c.bits(), c.relativeError(), of(unit, c), false))
            .toList();
    return new UnitCosts(unit.unit(), unit.layer(), unit.patterns(), unit.weights(), costs);
  }

  /// How the proxy of all schemes but the base orders units and schemes, against what was measured;
  /// null where there is nothing to compare.
  @Nullable Double rankCorrelation(List<UnitCosts> units) {
    double[] proxies =
        units.stream()
            .flatMapToDouble(u -> others(u).stream().mapToDouble(c -> of(u, c)))
            .toArray();
    double[] measured =
        units.stream().flatMapToDouble(u -> others(u).stream().mapToDouble(Cost::kld)).toArray();
    double correlation = Ranks.correlation(proxies, measured);
    return Double.isNaN(correlation) ? null : correlation;
  }

  private List<Cost> others(UnitCosts unit) {
    return unit.costs().stream()
        .filter(c -> !c.scheme().equals(base) && !c.scheme().equals(SchemeRule.SOURCE))
        .toList();
  }
}
