package io.metalmarlin.formats.model;

import io.metalmarlin.formats.container.Checkpoint;
import io.metalmarlin.formats.scheme.GroupScheme;
import io.metalmarlin.formats.scheme.GroupScheme.Zero;
import io.metalmarlin.formats.scheme.IntScheme;
import io.metalmarlin.formats.scheme.gptq.AwqGemvPacking;
import io.metalmarlin.formats.scheme.gptq.AwqPacking;
import java.util.LinkedHashMap;
import java.util.Optional;
import java.util.SequencedMap;

/// The packed modules of a checkpoint in one of AWQ's two layouts.
final class AwqModules {
  static final int BITS = 4;

  private AwqModules() {}

  /// @param mayDiffer whether modules may have another group size than the configuration says
  static SequencedMap<String, PackedModule> gemm(
      IntConfig c, Checkpoint checkpoint, Zero zero, boolean mayDiffer) {
    requireBits(c);
    int groupSize = c.groupSize();
    PlaneFinder finder = new PlaneFinder(checkpoint);
    SequencedMap<String, PackedModule> modules = new LinkedHashMap<>();
    for (String stem : Tensors.stems(checkpoint)) {
      if (TransposedPlanes.packed(checkpoint, stem)) {
        TransposedPlanes planes = new TransposedPlanes(checkpoint, stem);
        int[] codes = planes.size("qweight");
        int group = planes.groupSize(codes[0], groupSize, mayDiffer);
        AwqPacking packing = new AwqPacking(new IntScheme(BITS, group, planes.scaleType(), zero));
        modules.put(stem, finder.module(stem, packing, 8 * codes[1], codes[0], Optional.empty()));
      }
    }
    return modules;
  }

  /// Here the shapes tell no group size: rows of scales are padded.
  static SequencedMap<String, PackedModule> gemv(IntConfig c, Checkpoint checkpoint, Zero zero) {
    requireBits(c);
    int groupSize = c.groupSize();
    PlaneFinder finder = new PlaneFinder(checkpoint);
    SequencedMap<String, PackedModule> modules = new LinkedHashMap<>();
    for (String stem : Tensors.stems(checkpoint)) {
      if (TransposedPlanes.packed(checkpoint, stem)) {
        TransposedPlanes planes = new TransposedPlanes(checkpoint, stem);
        int[] codes = planes.size("qweight");
        IntScheme scheme = new IntScheme(BITS, groupSize, planes.scaleType(), zero);
        if (!AwqGemvPacking.canHold(scheme)) {
          String shown = groupSize == GroupScheme.WHOLE ? "-1" : Integer.toString(groupSize);
          throw c.malformed("group_size is " + shown + ", AWQ gemv has 32, 64, 128 and more");
        }
        AwqGemvPacking packing = new AwqGemvPacking(scheme);
        modules.put(stem, finder.module(stem, packing, codes[0], 8 * codes[1], Optional.empty()));
      }
    }
    return modules;
  }

  /// AutoAWQ's own file says `w_bit`; transformers writes `bits`.
  private static void requireBits(IntConfig c) {
    int bits = c.number("bits").orElse(c.number("w_bit").orElse(BITS));
    if (bits != BITS) {
      throw c.malformed("bits is " + bits + ", AWQ packs have 4");
    }
  }
}
