package io.metalmarlin.quant.sensitivity;

import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// What each unit costs under each scheme: the mean KL divergence of the model's output when only
/// that unit is rounded.
///
/// @param model what the user called the source
/// @param target whose layouts were used, and what its loaders join
/// @param method with which weights were rounded
/// @param dataset,sha256,windows,context the tokens that were run
/// @param mode [#MEASURED], or [#FAST]: only the base scheme was
/// @param base the scheme whose divergence gives each unit's weight in the proxy
/// @param rankCorrelation Spearman's, of the proxy with the measured divergences of all other
///   schemes; null where they were not measured
public record Sensitivities(
    String schema,
    String model,
    String target,
    String method,
    String dataset,
    String sha256,
    int windows,
    int context,
    String mode,
    String base,
    List<String> schemes,
    List<UnitCosts> units,
    @Nullable Double rankCorrelation,
    double seconds) {
  public static final String SCHEMA = "marlin.sensitivities/1";
  public static final String MEASURED = "measured";
  public static final String FAST = "fast";

  public Sensitivities {
    schemes = List.copyOf(schemes);
    units = List.copyOf(units);
  }

  /// The same with every divergence that many times as high, for an allocation.
  public Sensitivities times(double factor) {
    return new Sensitivities(
        schema,
        model,
        target,
        method,
        dataset,
        sha256,
        windows,
        context,
        String.format(Locale.ROOT, "%s, times %.3f,", mode, factor),
        base,
        schemes,
        units.stream().map(u -> u.times(factor)).toList(),
        rankCorrelation,
        seconds);
  }

  /// One unit.
  ///
  /// @param patterns of its modules, as an override names them
  /// @param weights in all its matrices
  public record UnitCosts(
      String unit, int layer, List<String> patterns, long weights, List<Cost> costs) {
    public UnitCosts {
      patterns = List.copyOf(patterns);
      costs = List.copyOf(costs);
    }

    private UnitCosts times(double factor) {
      return new UnitCosts(
          unit, layer, patterns, weights, costs.stream().map(c -> c.times(factor)).toList());
    }

    /// The cost under a scheme.
    public Cost under(String scheme) {
      return costs.stream().filter(c -> c.scheme().equals(scheme)).findFirst().orElseThrow();
    }
  }

  /// One unit under one scheme.
  ///
  /// @param bytes of its stored tensors
  /// @param bits of its weights, scales included
  /// @param relativeError `|Q-W|^2 / |W|^2` over its matrices
  /// @param kld mean divergence in nats
  /// @param measured false where the proxy stands for it
  public record Cost(
      String scheme, long bytes, double bits, double relativeError, double kld, boolean measured) {
    private Cost times(double factor) {
      return new Cost(scheme, bytes, bits, relativeError, kld * factor, measured);
    }
  }
}
