package io.metalmarlin.quant.job;

import io.metalmarlin.formats.scheme.GroupScheme;
import io.metalmarlin.formats.scheme.Packing;
import io.metalmarlin.formats.scheme.TensorScale;
import io.metalmarlin.quant.plan.Step;
import io.metalmarlin.quant.solve.SolveOptions;
import io.metalmarlin.quant.solve.TensorScales;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/// What matrices share that a runtime joins into one (q/k/v, gate/up): a scale per tensor must be
/// the same for all of them, so it comes from the largest value of the whole set.
final class FusedSets {
  /// What one set shares.
  ///
  /// @param absMax largest absolute weight; 0 where no scale is shared
  record Shared(float absMax, TensorScale tensorScale) {}

  private static final Shared NOTHING = new Shared(0, TensorScale.NONE);

  /// Of a set in several schemes the matrices of each share.
  private record Key(String fuseGroup, Packing packing) {
    static Key of(Step.Quantize step) {
      return new Key(step.linear().fuseGroup(), step.packing());
    }
  }

  private final Map<Key, Shared> sets = new HashMap<>();

  /// @param steps each fused set complete
  /// @param absMax the largest absolute weight of a step
  FusedSets(
      List<Step.Quantize> steps,
      ToDoubleFunction<Step.Quantize> absMax,
      Function<Step.Quantize, SolveOptions> options) {
    for (Step.Quantize s : steps) {
      if (s.blocks()) {
        continue;
      }
      GroupScheme scheme = s.grid();
      if (scheme.hasTensorScale() || scheme.groupRows() == GroupScheme.WHOLE) {
        Key set = Key.of(s);
        float largest =
            Math.max((float) absMax.applyAsDouble(s), sets.getOrDefault(set, NOTHING).absMax());
        TensorScale scale = TensorScales.of(scheme, largest, options.apply(s));
        sets.put(set, new Shared(largest, scale));
      }
    }
  }

  Shared of(Step.Quantize step) {
    return sets.getOrDefault(Key.of(step), NOTHING);
  }
}
