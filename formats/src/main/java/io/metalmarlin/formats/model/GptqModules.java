package io.metalmarlin.formats.model;

import io.metalmarlin.formats.container.Checkpoint;
import io.metalmarlin.formats.scheme.GroupScheme.Zero;
import io.metalmarlin.formats.scheme.IntScheme;
import io.metalmarlin.formats.scheme.gptq.GptqPacking;
import io.metalmarlin.formats.scheme.gptq.GptqPacking.Index;
import io.metalmarlin.formats.scheme.gptq.GptqPacking.Version;
import java.util.LinkedHashMap;
import java.util.Optional;
import java.util.SequencedMap;
import tools.jackson.databind.JsonNode;

/// The packed modules of a checkpoint in GPTQ's layout. Width and groups of a module come from the
/// shapes of its planes, so overrides of single modules need no interpretation; without overrides
/// they must be what the configuration says.
///
/// A pack that says `sym` is read as symmetric, and its zero points are checked when they are read;
/// not so where an override says `sym` of its own.
final class GptqModules {
  private final Checkpoint checkpoint;
  private final PlaneFinder finder;
  private final int bits;
  private final int groupSize;
  private final boolean mayDiffer;
  private final boolean actOrder;
  private final Zero zero;
  private final Version version;

  private GptqModules(IntConfig c, Checkpoint checkpoint, Version version, JsonNode overrides) {
    this.checkpoint = checkpoint;
    this.finder = new PlaneFinder(checkpoint);
    this.bits = c.number("bits").orElseThrow(() -> c.malformed("bits is missing"));
    if (!GptqPacking.BITS.contains(bits)) {
      throw c.malformed("bits is " + bits + ", GPTQ packs have 2, 3, 4 or 8");
    }
    this.groupSize = c.groupSize();
    this.mayDiffer = overrides.isObject() && !overrides.isEmpty();
    this.actOrder = c.flag("desc_act").orElse(false);
    boolean mixedSymmetry = mayDiffer && !overrides.findValues("sym").isEmpty();
    boolean symmetric = c.flag("sym").orElse(false) && !mixedSymmetry;
    this.zero = symmetric ? Zero.NONE : Zero.POINT;
    this.version = version;
  }

  /// @param overrides what the configuration says of single modules; may be missing
  static SequencedMap<String, PackedModule> of(
      IntConfig c, Checkpoint checkpoint, Version version, JsonNode overrides) {
    GptqModules reader = new GptqModules(c, checkpoint, version, overrides);
    SequencedMap<String, PackedModule> modules = new LinkedHashMap<>();
    for (String stem : Tensors.stems(checkpoint)) {
      if (TransposedPlanes.packed(checkpoint, stem)) {
        modules.put(stem, reader.module(stem));
      }
    }
    return modules;
  }

  private PackedModule module(String stem) {
    TransposedPlanes planes = new TransposedPlanes(checkpoint, stem);
    int[] codes = planes.size("qweight");
    int rows = codes[1];
    // Codes and zero points of one width: their words tell it.
    long width = 32L * planes.size("qzeros")[1] / rows;
    boolean known = width <= 8 && GptqPacking.BITS.contains((int) width);
    if (!known || !mayDiffer && width != bits) {
      throw planes.mismatch(
          "qzeros",
          "has %d words for %d outputs, which makes %d bits a code; the configuration says %d"
              .formatted(planes.size("qzeros")[1], rows, width, bits));
    }
    if (32L * codes[0] % width != 0) {
      throw planes.mismatch(
          "qweight", "has %d words, no whole number of %d-bit codes".formatted(codes[0], width));
    }
    int cols = (int) (32L * codes[0] / width);
    int group = planes.groupSize(cols, groupSize, mayDiffer);
    IntScheme scheme = new IntScheme((int) width, group, planes.scaleType(), zero);
    boolean indexed = Tensors.has(checkpoint, stem + ".g_idx");
    Index index = actOrder ? Index.ACT_ORDER : indexed ? Index.RUNS : Index.NONE;
    return finder.module(
        stem, new GptqPacking(scheme, version, index), rows, cols, Optional.empty());
  }
}
