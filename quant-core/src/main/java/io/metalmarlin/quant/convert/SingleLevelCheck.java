package io.metalmarlin.quant.convert;

import io.metalmarlin.formats.container.Checkpoint;
import io.metalmarlin.formats.model.PackedModule;
import io.metalmarlin.formats.scheme.PackedMatrix;
import io.metalmarlin.formats.scheme.QuantizedMatrix;
import io.metalmarlin.formats.scheme.mlx.MlxScaleBug;
import io.metalmarlin.formats.scheme.nvfp4.Nvfp4Scheme;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/// Looks for the traces of two known faults in NVFP4 weights without a tensor scale: groups whose
/// scale became zero when they were made, and scales found over 32 columns instead of 16 (MLX on
/// Metal before 0.32.1), which leave pairs of equal bytes.
final class SingleLevelCheck {
  private SingleLevelCheck() {}

  /// What is wrong with a module; empty for any other grid.
  static List<ConvertPlan.Warning> of(PackedModule module, Checkpoint checkpoint) {
    List<ConvertPlan.Warning> out = new ArrayList<>();
    if (!module.packing().scheme().equals(Nvfp4Scheme.SINGLE_LEVEL)) {
      return out;
    }
    PackedMatrix matrix = module.matrix(checkpoint);
    if (matrix instanceof QuantizedMatrix m) {
      zeroScales(m, module.stem(), out);
      pairs(m, module.stem(), out);
    }
    return out;
  }

  private static void zeroScales(QuantizedMatrix m, String stem, List<ConvertPlan.Warning> out) {
    MemorySegment scales = m.scales();
    long lost = 0;
    long zero = 0;
    long first = -1;
    for (long i = 0; i < scales.byteSize(); i++) {
      if (scales.get(ValueLayout.JAVA_BYTE, i) == 0) {
        zero++;
        boolean codes =
            m.codes().asSlice(8 * i, 8).mismatch(MemorySegment.ofArray(new byte[8])) >= 0;
        lost += codes ? 1 : 0;
        first = first < 0 ? i : first;
      }
    }
    if (zero > 0) {
      out.add(
          new ConvertPlan.Warning(
              "W302",
              stem,
              "%d of %d groups have scale 0 (the first: row %d, group %d), %d of them with codes that are not zero: their weights were lost when the pack was made, because it has no tensor scale"
                  .formatted(
                      zero, scales.byteSize(), first / m.groups(), first % m.groups(), lost)));
    }
  }

  private static void pairs(QuantizedMatrix m, String stem, List<ConvertPlan.Warning> out) {
    if (MlxScaleBug.suspected(m)) {
      out.add(
          new ConvertPlan.Warning(
              "W303",
              stem,
              "all its scales come in equal pairs: it was made by the Metal kernel of MLX before 0.32.1, which took one scale over 32 columns (ml-explore/mlx#3934); quantizing again would be more exact"));
    }
  }
}
