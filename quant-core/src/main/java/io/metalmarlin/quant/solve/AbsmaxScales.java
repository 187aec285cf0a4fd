package io.metalmarlin.quant.solve;

import io.metalmarlin.formats.scheme.GroupScheme;
import io.metalmarlin.formats.scheme.TensorScale;

/// The producer's own rule: the range of the group maps to the range of the codes.
final class AbsmaxScales extends GroupScales {
  AbsmaxScales(GroupScheme scheme, SolveOptions options, TensorScale tensorScale) {
    super(scheme, options, tensorScale);
  }

  @Override
  void choose(float[] group, int columns, int n, Fits out, int from, Scratch scratch) {
    scratch.range(group, columns, n);
    absmax(scratch, n, out, from);
  }
}
