package io.metalmarlin.formats.model;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.container.Checkpoint;
import io.metalmarlin.formats.scheme.Packing;
import io.metalmarlin.formats.scheme.Scheme;
import io.metalmarlin.formats.scheme.floating.Fp8Layout;
import io.metalmarlin.formats.scheme.floating.Fp8Packing;
import io.metalmarlin.formats.tensor.DType;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// `quant_method: fp8`, the form in which DeepSeek V3 and models after it were trained and
/// published: `weight` F8_E4M3 with `weight_scale_inv`, a multiplier for each `weight_block_size`
/// rectangle, 128 x 128. Older folders of the same method have `weight_scale`, and so has
/// `fbgemm_fp8`, one a row. Read only.
public final class NativeFp8Dialect implements Dialect {
  private static final String BLOCK = "weight_block_size";

  /// The method in which Meta published Llama 3.1 405B.
  private static final String FBGEMM = "fbgemm_fp8";

  @Override
  public String name() {
    return "fp8";
  }

  @Override
  public boolean accepts(ModelConfig config, Checkpoint checkpoint) {
    QuantizationConfig q = QuantizationConfig.of(config);
    boolean looksLikeIt =
        q.silent() && Tensors.any(checkpoint, List.of("." + Fp8Layout.NATIVE.suffix()));
    return q.says(name()) || q.says(FBGEMM) || looksLikeIt;
  }

  @Override
  public SequencedMap<String, PackedModule> modules(ModelConfig config, Checkpoint checkpoint) {
    List<Fp8Modules.Block> blocks = List.of(block(config));
    SequencedMap<String, PackedModule> modules = new LinkedHashMap<>();
    PlaneFinder finder = new PlaneFinder(checkpoint);
    for (String stem : Tensors.stems(checkpoint)) {
      if (Tensors.has(checkpoint, stem + "." + Fp8Layout.NATIVE.suffix())) {
        Tensors.require(checkpoint, stem + ".weight");
      }
      if (Tensors.is(checkpoint, stem + ".weight", DType.F8_E4M3)) {
        Fp8Layout layout =
            Tensors.has(checkpoint, stem + "." + Fp8Layout.MODELOPT.suffix())
                ? Fp8Layout.MODELOPT
                : Fp8Layout.NATIVE;
        StoredMatrix m = Fp8Modules.find(checkpoint, stem, layout, blocks);
        modules.put(stem, finder.module(stem, m.packing(), m.rows(), m.cols(), Optional.empty()));
      }
    }
    return modules;
  }

  private static Fp8Modules.Block block(ModelConfig config) {
    JsonNode n = QuantizationConfig.of(config).root().map(r -> r.path(BLOCK)).orElse(null);
    if (n == null || n.isMissingNode() || n.isNull()) {
      return Fp8Modules.BLOCK;
    }
    boolean sound =
        n.isArray()
            && n.size() == 2
            && n.valueStream()
                .allMatch(s -> s.isIntegralNumber() && s.canConvertToInt() && s.intValue() > 0);
    if (!sound) {
      throw new MarlinException(
          ErrorCode.CONFIG_MALFORMED,
          config.file().toString(),
          "key \"" + BLOCK + "\" should be [rows, columns], it is " + n,
          "Check that this is the config.json of the checkpoint; download it again if it was cut.");
    }
    return new Fp8Modules.Block(n.get(0).intValue(), n.get(1).intValue());
  }

  @Override
  public boolean writes() {
    return false;
  }

  @Override
  public Set<Class<? extends Packing>> packings() {
    return Set.of(Fp8Packing.class);
  }

  @Override
  public Optional<Packing> packingFor(Scheme scheme, DType model) {
    return Optional.empty();
  }

  @Override
  public Map<String, ObjectNode> describe(ModelConfig source, ModuleLayout layout) {
    throw new IllegalArgumentException(name() + " is read only");
  }
}
