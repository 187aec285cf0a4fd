package io.metalmarlin.formats.model;

import io.metalmarlin.formats.container.Checkpoint;
import io.metalmarlin.formats.scheme.GroupScheme.Zero;
import io.metalmarlin.formats.scheme.IntScheme;
import io.metalmarlin.formats.scheme.Packing;
import io.metalmarlin.formats.scheme.ScaleType;
import io.metalmarlin.formats.scheme.Scheme;
import io.metalmarlin.formats.scheme.gptq.GptqPacking;
import io.metalmarlin.formats.scheme.gptq.GptqPacking.Index;
import io.metalmarlin.formats.scheme.gptq.GptqPacking.Version;
import io.metalmarlin.formats.tensor.DType;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import tools.jackson.databind.node.ObjectNode;

/// GPTQ as AutoGPTQ, GPTQModel, auto-round and Optimum write it, read by [GptqModules].
public final class GptqDialect implements Dialect {
  private static final String METHOD = "gptq";
  private static final String FILE = "quantize_config.json";

  @Override
  public String name() {
    return METHOD;
  }

  @Override
  public boolean accepts(ModelConfig config, Checkpoint checkpoint) {
    return IntConfig.isIn(config, METHOD, FILE, checkpoint);
  }

  @Override
  public SequencedMap<String, PackedModule> modules(ModelConfig config, Checkpoint checkpoint) {
    IntConfig c = IntConfig.of(config, FILE);
    return GptqModules.of(c, checkpoint, version(c), c.root().path("dynamic"));
  }

  private static Version version(IntConfig c) {
    if (c.flag("is_marlin_format").orElse(false)) {
      throw c.refused("the weights are GPTQ in the layout of the Marlin kernel");
    }
    // GPTQModel's name for it in code, and of late in files.
    String format = c.text("checkpoint_format").or(() -> c.text("format")).orElse(METHOD);
    return switch (format) {
      case METHOD -> Version.V1;
      case "gptq_v2" -> Version.V2;
      default -> throw c.refused("the weights are GPTQ in checkpoint_format " + format);
    };
  }

  @Override
  public Set<Class<? extends Packing>> packings() {
    return Set.of(GptqPacking.class);
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
