package io.metalmarlin.quant.convert;

import io.metalmarlin.formats.container.Checkpoint;
import io.metalmarlin.formats.model.PackedModule;
import io.metalmarlin.formats.scheme.QuantizedMatrix;
import io.metalmarlin.formats.scheme.mlx.MlxScaleBug;
import io.metalmarlin.formats.scheme.nvfp4.Nvfp4Scheme;
import io.metalmarlin.formats.scheme.nvfp4.ZeroScales;
import java.lang.foreign.SegmentAllocator;
import java.util.ArrayList;
import java.util.List;

/// Warns of the traces of two known faults in NVFP4 weights without a tensor scale, [ZeroScales]
/// and [MlxScaleBug]: no conversion brings back what they lost.
final class SingleLevelCheck {
  private SingleLevelCheck() {}

  /// What is wrong with a module; empty for any other grid.
  ///
  /// @param memory for a copy of it
  static List<ConvertPlan.Warning> of(
      PackedModule module, Checkpoint checkpoint, SegmentAllocator memory) {
    List<ConvertPlan.Warning> out = new ArrayList<>();
    if (module.packing().scheme().equals(Nvfp4Scheme.SINGLE_LEVEL)
        && module.matrix(checkpoint, memory) instanceof QuantizedMatrix m) {
      ZeroScales.of(m).ifPresent(z -> out.add(zeroScales(z, module.stem())));
      if (MlxScaleBug.suspected(m)) {
        out.add(
            new ConvertPlan.Warning(
                "W303",
                module.stem(),
                "all its scales come in equal pairs: it was made by the Metal kernel of MLX before 0.32.1, which took one scale over 32 columns (ml-explore/mlx#3934); quantizing again would be more exact"));
      }
    }
    return out;
  }

  private static ConvertPlan.Warning zeroScales(ZeroScales z, String stem) {
    return new ConvertPlan.Warning(
        "W302",
        stem,
        "%d of %d groups have scale 0 (the first: row %d, group %d), %d of them with codes that are not zero: their weights were lost when the pack was made, because it has no tensor scale"
            .formatted(z.count(), z.all(), z.row(), z.group(), z.withCodes()));
  }
}
