package io.metalmarlin.quant.solve;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import io.metalmarlin.formats.scheme.GroupScheme;
import io.metalmarlin.formats.scheme.TensorScale;
import io.metalmarlin.quant.solve.SolveOptions.ScaleRule;
import java.lang.foreign.MemorySegment;

/// The second-level scale of a fused set: matrices that a server joins into one (q/k/v, gate/up)
/// must share it, so it comes from the largest absolute weight of the whole set.
public final class TensorScales {
  private TensorScales() {}

  /// Largest absolute value of `count` fp32 weights, native or heap memory; 0 for none. Combine the
  /// tiles of a fused set with `Math.max`. NaN when a weight is NaN.
  public static float absMax(MemorySegment weights, long count) {
    float largest = 0;
    for (long i = 0; i < count; i++) {
      largest = Math.max(largest, Math.abs(weights.getAtIndex(JAVA_FLOAT_UNALIGNED, i)));
    }
    return largest;
  }

  /// The scale for a set whose largest absolute weight is `absMax`: the producer's absmax rule, or
  /// the one that leaves room above for a scale search.
  public static TensorScale of(GroupScheme scheme, float absMax, SolveOptions options) {
    if (!scheme.hasTensorScale()) {
      return TensorScale.NONE;
    }
    return options.scales() == ScaleRule.ABSMAX
        ? options.profile().tensorScale(absMax, options.source())
        : options.profile().searchScale(absMax);
  }
}
