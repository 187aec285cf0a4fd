package io.metalmarlin.formats.model;

import io.metalmarlin.formats.container.Checkpoint;
import io.metalmarlin.formats.json.JsonFiles;
import io.metalmarlin.formats.scheme.GroupScheme.Zero;
import io.metalmarlin.formats.scheme.IntScheme;
import io.metalmarlin.formats.scheme.Packing;
import io.metalmarlin.formats.scheme.ScaleType;
import io.metalmarlin.formats.scheme.Scheme;
import io.metalmarlin.formats.scheme.gptq.GptqPacking;
import io.metalmarlin.formats.scheme.gptq.GptqPacking.Index;
import io.metalmarlin.formats.scheme.gptq.GptqPacking.Version;
import io.metalmarlin.formats.tensor.DType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// GPTQ as AutoGPTQ, GPTQModel, auto-round and Optimum write it. Width and groups of a module come
/// from the shapes of its planes, so `dynamic` overrides of single modules need no interpretation;
/// without `dynamic` they must be what the configuration says.
///
/// A pack that says `sym` is read as symmetric, and its zero points are checked when they are read.
public final class GptqDialect implements Dialect {
  private static final String METHOD = "gptq";
  private static final String FILE = "quantize_config.json";
  private static final long MAX_BYTES = 16L << 20;

  @Override
  public String name() {
    return METHOD;
  }

  @Override
  public boolean accepts(ModelConfig config, Checkpoint checkpoint) {
    QuantizationConfig q = QuantizationConfig.of(config);
    boolean olderExport =
        q.silent()
            && Files.exists(config.file().resolveSibling(FILE))
            && Tensors.any(checkpoint, List.of(".qweight"));
    return q.says(METHOD) || olderExport;
  }

  private static IntConfig configuration(ModelConfig config) {
    Path older = config.file().resolveSibling(FILE);
    return new IntConfig(
        config,
        QuantizationConfig.of(config)
            .root()
            .orElseGet(() -> JsonFiles.readObject(older, MAX_BYTES)));
  }

  @Override
  public SequencedMap<String, PackedModule> modules(ModelConfig config, Checkpoint checkpoint) {
    Reader reader = new Reader(configuration(config), checkpoint);
    SequencedMap<String, PackedModule> modules = new LinkedHashMap<>();
    for (String stem : Tensors.stems(checkpoint)) {
      if (Tensors.has(checkpoint, stem + ".qweight")) {
        modules.put(stem, reader.module(stem));
      }
    }
    return modules;
  }

  /// What the configuration says about all modules.
  private static final class Reader {
    private final Checkpoint checkpoint;
    private final PlaneFinder finder;
    private final int bits;
    private final int groupSize;
    private final boolean mayDiffer;
    private final boolean actOrder;
    private final Zero zero;
    private final Version version;

    Reader(IntConfig c, Checkpoint checkpoint) {
      this.checkpoint = checkpoint;
      this.finder = new PlaneFinder(checkpoint);
      this.bits = c.number("bits").orElseThrow(() -> c.malformed("bits is missing"));
      if (!GptqPacking.BITS.contains(bits)) {
        throw c.malformed("bits is " + bits + ", GPTQ packs have 2, 3, 4 or 8");
      }
      this.groupSize = c.groupSize();
      JsonNode dynamic = c.root().path("dynamic");
      this.mayDiffer = dynamic.isObject() && !dynamic.isEmpty();
      this.actOrder = c.flag("desc_act").orElse(false);
      boolean mixedSymmetry = mayDiffer && !dynamic.findValues("sym").isEmpty();
      boolean symmetric = c.flag("sym").orElse(false) && !mixedSymmetry;
      this.zero = symmetric ? Zero.NONE : Zero.POINT;
      this.version = version(c);
    }

    private static Version version(IntConfig c) {
      if (c.flag("is_marlin_format").orElse(false)) {
        throw c.refused("the weights are GPTQ in the layout of the Marlin kernel");
      }
      String format = c.text("checkpoint_format").orElse(METHOD);
      return switch (format) {
        case METHOD -> Version.V1;
        case "gptq_v2" -> Version.V2;
        default -> throw c.refused("the weights are GPTQ in checkpoint_format " + format);
      };
    }

    PackedModule module(String stem) {
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

  /// Version 1, which every loader reads. Scales stay in their 16-bit type.
  @Override
  public Optional<Packing> packingFor(Scheme scheme, DType model) {
    return transposed(scheme, model)
        .filter(GptqPacking::canHold)
        .map(s -> new GptqPacking(s, Version.V1, Index.RUNS));
  }

  /// The grid as GPTQ and AWQ could hold it: a bias becomes a zero point, scales of 32 bits become
  /// the model's type or, where that has 32 bits too, F16.
  static Optional<IntScheme> transposed(Scheme scheme, DType model) {
    if (!(scheme instanceof IntScheme s)) {
      return Optional.empty();
    }
    ScaleType of16 = model == DType.BF16 ? ScaleType.BF16 : ScaleType.F16;
    ScaleType scales = s.scaleType() == ScaleType.F32 ? of16 : s.scaleType();
    Zero zero = s.zero() == Zero.BIAS ? Zero.POINT : s.zero();
    return Optional.of(new IntScheme(s.bits(), s.groupSize(), scales, zero));
  }

  @Override
  public Map<String, ObjectNode> describe(ModelConfig source, ModuleLayout layout) {
    ObjectNode q = GptqDescription.of(layout);
    return Map.of("config.json", QuantizationConfig.replace(source, q), FILE, q.deepCopy());
  }
}
