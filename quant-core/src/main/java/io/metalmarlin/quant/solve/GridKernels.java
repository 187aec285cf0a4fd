package io.metalmarlin.quant.solve;

import io.metalmarlin.formats.scheme.GroupScheme;
import io.metalmarlin.formats.scheme.IntScheme;

/// Finds the fastest kernel that rounds exactly as a scheme does.
final class GridKernels {
  private GridKernels() {}

  static GridKernel of(GroupScheme scheme) {
    if (scheme instanceof IntScheme integers) {
      return new IntGrid(integers);
    }
    return E2m1Grid.describes(scheme) ? E2m1Grid.of(scheme) : new ScalarGrid(scheme);
  }
}
