package io.metalmarlin.formats.model;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.container.Checkpoint;
import io.metalmarlin.formats.scheme.GroupScheme;
import io.metalmarlin.formats.scheme.GroupScheme.Zero;
import io.metalmarlin.formats.scheme.Packing;
import io.metalmarlin.formats.scheme.Scheme;
import io.metalmarlin.formats.scheme.gptq.AwqGemvPacking;
import io.metalmarlin.formats.scheme.gptq.AwqPacking;
import io.metalmarlin.formats.tensor.DType;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import tools.jackson.databind.node.ObjectNode;

/// AWQ as AutoAWQ, GPTQModel and auto-round write it, in version `gemm` or, to be read only,
/// `gemv`. Zero points are read whatever `zero_point` says; where it says false they must all be 8.
///
/// The first packs of AutoAWQ describe themselves in `quant_config.json` alone. GPTQModel names the
/// version `checkpoint_format`.
public final class AwqDialect implements Dialect {
  private static final String METHOD = "awq";
  private static final String VERSION = "gemm";
  private static final int BITS = AwqModules.BITS;
  private static final String OLDER_FILE = "quant_config.json";

  @Override
  public String name() {
    return METHOD;
  }

  @Override
  public boolean accepts(ModelConfig config, Checkpoint checkpoint) {
    return IntConfig.isIn(config, METHOD, OLDER_FILE, checkpoint);
  }

  @Override
  public SequencedMap<String, PackedModule> modules(ModelConfig config, Checkpoint checkpoint) {
    IntConfig c = IntConfig.of(config, OLDER_FILE);
    Zero zero = c.flag("zero_point").orElse(true) ? Zero.POINT : Zero.NONE;
    String version =
        c.text("version")
            .or(() -> c.text("checkpoint_format"))
            .orElse(VERSION)
            .toLowerCase(Locale.ROOT);
    return switch (version) {
      case VERSION -> AwqModules.gemm(c, checkpoint, zero, false);
      case "gemv" -> AwqModules.gemv(c, checkpoint, zero);
      default -> throw c.refused("the weights are AWQ in version " + version);
    };
  }

  @Override
  public Set<Class<? extends Packing>> packings() {
    return Set.of(AwqPacking.class, AwqGemvPacking.class);
  }

  @Override
  public Optional<Packing> packingFor(Scheme scheme, DType model) {
    return GptqDialect.transposed(scheme, model).filter(AwqPacking::canHold).map(AwqPacking::new);
  }

  /// @throws MarlinException `TARGET_CANNOT` for modules of several group sizes
  @Override
  public Map<String, ObjectNode> describe(ModelConfig source, ModuleLayout layout) {
    List<Integer> groups =
        layout.packed().values().stream()
            .map(s -> ((AwqPacking) s.packing()).scheme().groupSize())
            .distinct()
            .toList();
    if (groups.size() > 1) {
      throw new MarlinException(
          ErrorCode.TARGET_CANNOT,
          METHOD,
          "an AWQ pack has one group size, here are " + groups,
          "Use one group size, or choose gptq or compressed-tensors as the target.");
    }
    int group = groups.isEmpty() ? 128 : groups.getFirst();
    ObjectNode q = QuantizationConfig.JSON.createObjectNode();
    q.put("bits", BITS);
    q.put("group_size", group == GroupScheme.WHOLE ? -1 : group);
    q.set("modules_to_not_convert", QuantizationConfig.names(layout.dense()));
    q.put("quant_method", METHOD);
    q.put("version", VERSION);
    // Symmetric packs too: all zero points are stored, and loaders that are told so read them.
    q.put("zero_point", true);
    return Map.of("config.json", QuantizationConfig.replace(source, q));
  }
}
