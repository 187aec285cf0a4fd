package io.metalmarlin.quant.convert;

import io.metalmarlin.formats.container.Checkpoint;
import io.metalmarlin.formats.model.PackedModule;
import io.metalmarlin.formats.scheme.IntScheme;
import io.metalmarlin.formats.scheme.PackedMatrix;
import io.metalmarlin.formats.scheme.Packing;
import io.metalmarlin.formats.scheme.QuantizedMatrix;
import io.metalmarlin.formats.scheme.gptq.GptqPacking;
import io.metalmarlin.formats.scheme.integer.PackQuantized;
import io.metalmarlin.formats.scheme.regrid.Regrid;
import java.lang.foreign.SegmentAllocator;
import java.util.List;
import java.util.Optional;

/// Finds the layout into which a packed module goes without changing a number. Where the grids
/// alone do not decide it, its scales are read.
final class ExactFit {
  private ExactFit() {}

  /// The first of the layouts that holds the module exactly.
  ///
  /// @param memory for copies of its scales
  static Optional<Packing> of(
      PackedModule module, List<Packing> layouts, Checkpoint checkpoint, SegmentAllocator memory) {
    if (layouts.contains(module.packing())) {
      return Optional.of(module.packing());
    }
    boolean plain = module.plain(checkpoint);
    PackedMatrix matrix = null;
    for (Packing p : layouts) {
      if (!Regrid.sometimes(module.packing().scheme(), p.scheme())) {
        continue;
      }
      if (plain && Regrid.always(module.packing().scheme(), p.scheme())) {
        return Optional.of(p);
      }
      matrix = matrix == null ? look(module, checkpoint, memory) : matrix;
      Optional<PackedMatrix> carried = Regrid.exact(matrix, p.scheme(), memory);
      if (carried.isPresent()) {
        Optional<Packing> layout = indexed(carried.get()) ? withIndex(p) : Optional.of(p);
        if (layout.isPresent()) {
          return layout;
        }
      }
    }
    return Optional.empty();
  }

  /// Between grids of integers codes decide nothing, so they need not be moved to be looked at.
  private static PackedMatrix look(
      PackedModule module, Checkpoint checkpoint, SegmentAllocator memory) {
    return module.packing().scheme() instanceof IntScheme
        ? module.scales(checkpoint, memory)
        : module.matrix(checkpoint, memory);
  }

  /// The module's matrix in the layout's grid; empty where a number would change.
  ///
  /// @param memory for scales and zeros that are new
  static Optional<PackedMatrix> regrid(
      PackedMatrix matrix, Packing target, SegmentAllocator memory) {
    boolean index = withIndex(target).filter(target::equals).isPresent();
    return Regrid.exact(matrix, target.scheme(), memory).filter(m -> index || !indexed(m));
  }

  /// The layout with a plane that names the group of each column, where there is one.
  private static Optional<Packing> withIndex(Packing p) {
    return switch (p) {
      case GptqPacking g ->
          Optional.of(new GptqPacking(g.scheme(), g.version(), GptqPacking.Index.ACT_ORDER));
      case PackQuantized q -> Optional.of(new PackQuantized(q.scheme(), true, q.wholeWords()));
      default -> Optional.empty();
    };
  }

  /// Whether a module's columns name their groups in an order of their own.
  static boolean ordered(PackedModule module) {
    return withIndex(module.packing()).filter(module.packing()::equals).isPresent();
  }

  private static boolean indexed(PackedMatrix m) {
    return m instanceof QuantizedMatrix q && q.groupIndex() != null;
  }
}
