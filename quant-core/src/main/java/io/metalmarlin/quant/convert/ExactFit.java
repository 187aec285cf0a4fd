package io.metalmarlin.quant.convert;

import io.metalmarlin.formats.container.Checkpoint;
import io.metalmarlin.formats.model.PackedModule;
import io.metalmarlin.formats.scheme.PackedMatrix;
import io.metalmarlin.formats.scheme.Packing;
import io.metalmarlin.formats.scheme.QuantizedMatrix;
import io.metalmarlin.formats.scheme.regrid.Regrid;
import java.util.List;
import java.util.Optional;

/// Finds the layout into which a packed module goes without changing a number. Where the grids
/// alone do not decide it, its scales are read.
final class ExactFit {
  private ExactFit() {}

  /// The first of the layouts that holds the module exactly.
  static Optional<Packing> of(PackedModule module, List<Packing> layouts, Checkpoint checkpoint) {
    if (layouts.contains(module.packing())) {
      return Optional.of(module.packing());
    }
    PackedMatrix matrix = null;
    for (Packing p : layouts) {
      if (!Regrid.sometimes(module.packing().scheme(), p.scheme())) {
        continue;
      }
      if (Regrid.always(module.packing().scheme(), p.scheme()) && !mayHoldMore(module)) {
        return Optional.of(p);
      }
      matrix = matrix == null ? module.matrix(checkpoint) : matrix;
      if (regrid(matrix, p).isPresent()) {
        return Optional.of(p);
      }
    }
    return Optional.empty();
  }

  /// The module's matrix in the layout's grid; empty where a number would change.
  static Optional<PackedMatrix> regrid(PackedMatrix matrix, Packing target) {
    return Regrid.exact(matrix, target.scheme()).filter(m -> !indexed(m));
  }

  private static boolean indexed(PackedMatrix m) {
    return m instanceof QuantizedMatrix q && q.groupIndex() != null;
  }

  /// Whether a plane says something that no grid does: an order of groups, factors of columns.
  private static boolean mayHoldMore(PackedModule module) {
    return module.planes().stream()
        .anyMatch(p -> p.tensor().endsWith("g_idx") || p.tensor().endsWith("pre_quant_scale"));
  }
}
