package io.metalmarlin.quant.solve;

import io.metalmarlin.formats.scheme.GroupScheme;
import io.metalmarlin.formats.scheme.IntScheme;
import io.metalmarlin.formats.scheme.codebook.CodebookScheme;

/// Finds the fastest kernel that rounds exactly as a scheme does.
final class GridKernels {
  private GridKernels() {}

  static GridKernel of(GroupScheme scheme) {
    if (scheme instanceof IntScheme integers) {
      return new IntGrid(integers);
    }
    if (scheme instanceof CodebookScheme book) {
      return new CodebookGrid(book);
    }
    return E2m1Grid.describes(scheme) ? E2m1Grid.of(scheme) : new ScalarGrid(scheme);
  }
}
