package io.metalmarlin.formats.model;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.container.Checkpoint;
import io.metalmarlin.formats.scheme.GroupPacking;
import io.metalmarlin.formats.scheme.Packing;
import io.metalmarlin.formats.scheme.Scheme;
import io.metalmarlin.formats.scheme.Sparse24Scheme;
import io.metalmarlin.formats.scheme.TrellisScheme;
import io.metalmarlin.formats.scheme.codebook.CodebookPacking;
import io.metalmarlin.formats.scheme.codebook.CodebookScheme;
import io.metalmarlin.formats.scheme.floating.Fp8Packing;
import io.metalmarlin.formats.scheme.floating.MxPacking;
import io.metalmarlin.formats.scheme.integer.IntQuantized;
import io.metalmarlin.formats.scheme.integer.PackQuantized;
import io.metalmarlin.formats.scheme.nvfp4.CompressedTensorsNvfp4;
import io.metalmarlin.formats.scheme.sparse24.Sparse24Packing;
import io.metalmarlin.formats.scheme.trellis.TrellisPacking;
import io.metalmarlin.formats.tensor.DType;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.NullNode;
import tools.jackson.databind.node.ObjectNode;

/// Our own dialect, for what no other runner can say: 2:4 sparse matrices, codebooks, trellis
/// codes, and every layout of compressed-tensors in the basis of an online block Hadamard
/// transform. The keys are documented in `docs/formats/marlin.md`.
///
/// What version 1 can say, dense NVFP4, is written as version 1, so that older programs read it;
/// layouts are version 2, with inputs that are transformed each in a way of its own version 3.
public final class MarlinDialect implements Dialect {
  private static final String METHOD = "marlin";
  private static final int NVFP4_ONLY = 1;
  private static final int LAYOUTS = 2;
  private static final int OWN_TRANSFORMS = 3;
  private static final String TRANSFORM = "input_transform";
  private static final GroupPacking NVFP4 = CompressedTensorsNvfp4.INSTANCE;
  private static final CompressedTensorsDialect DENSE = new CompressedTensorsDialect();

  @Override
  public String name() {
    return METHOD;
  }

  @Override
  public boolean accepts(ModelConfig config, Checkpoint checkpoint) {
    QuantizationConfig q = QuantizationConfig.of(config);
    // Old GPTQ checkpoints in the layout of the Marlin kernel use the same name without these keys.
    return q.says(METHOD) && q.root().orElseThrow().has("version") && q.text("scheme").isPresent();
  }

  @Override
  public SequencedMap<String, PackedModule> modules(ModelConfig config, Checkpoint checkpoint) {
    int version = version(config);
    JsonNode root = QuantizationConfig.of(config).root().orElseThrow();
    Optional<InputTransform> transform = inputTransform(root, config);
    if (version != NVFP4_ONLY) {
      JsonNode layouts = root.path("layouts");
      if (!layouts.isArray()) {
        throw malformed(config, "layouts should be a list, it is " + layouts);
      }
      return MarlinLayouts.read(
          layouts,
          config.file().toString(),
          checkpoint,
          grid -> packingFor(grid, DType.BF16),
          layout -> version == OWN_TRANSFORMS ? inputTransform(layout, config) : transform);
    }
    SequencedMap<String, PackedModule> modules = new LinkedHashMap<>();
    PlaneFinder finder = new PlaneFinder(checkpoint);
    for (String stem : Tensors.stems(checkpoint)) {
      packing(config, checkpoint, stem)
          .ifPresent(p ->
              modules.put(
                  stem, CompressedTensorsDialect.nvfp4(finder, checkpoint, stem, p, transform)));
    }
    return modules;
  }

  private static Optional<Packing> packing(ModelConfig config, Checkpoint checkpoint, String stem) {
    if (CompressedTensorsDialect.isNvfp4(checkpoint, stem)) {
      return Optional.of(NVFP4);
    }
    if (Tensors.has(checkpoint, stem + ".weight_packed")) {
      throw QuantizationConfig.refused(
          config.file().toString(), stem + " is packed, but not as " + NVFP4.name());
    }
    return Optional.empty();
  }

  private static Optional<InputTransform> inputTransform(JsonNode parent, ModelConfig config) {
    JsonNode transform = parent.get(TRANSFORM);
    if (transform == null || transform.isNull()) {
      return Optional.empty();
    }
    JsonNode size = transform.get("block_size");
    boolean sound =
        transform.isObject()
            && "hadamard".equals(transform.path("type").asString(""))
            && size != null
            && size.canConvertToInt()
            && size.intValue() >= 2
            && Integer.bitCount(size.intValue()) == 1;
    if (!sound) {
      throw malformed(
          config,
          TRANSFORM
              + " should be {\"type\": \"hadamard\", \"block_size\": power of two}, it is "
              + transform);
    }
    return Optional.of(new InputTransform(size.intValue()));
  }

  private static int version(ModelConfig config) {
    JsonNode version = QuantizationConfig.of(config).root().orElseThrow().get("version");
    if (version == null
        || !version.isInt()
        || version.intValue() < NVFP4_ONLY
        || version.intValue() > OWN_TRANSFORMS) {
      throw malformed(
          config,
          "quantization_config version should be %d to %d, it is %s"
              .formatted(NVFP4_ONLY, OWN_TRANSFORMS, version));
    }
    return version.intValue();
  }

  private static MarlinException malformed(ModelConfig config, String what) {
    return new MarlinException(
        ErrorCode.CONFIG_MALFORMED,
        config.file().toString(),
        what,
        "The folder was written by another version of marlin; quantize the source again.");
  }

  @Override
  public Set<Class<? extends Packing>> packings() {
    return Set.of(
        CompressedTensorsNvfp4.class,
        PackQuantized.class,
        IntQuantized.class,
        MxPacking.class,
        Fp8Packing.class,
        Sparse24Packing.class,
        CodebookPacking.class,
        TrellisPacking.class);
  }

  /// 2:4 over what our own layout holds, codebooks; everything else as compressed-tensors stores
  /// it.
  @Override
  public Optional<Packing> packingFor(Scheme scheme, DType model) {
    return switch (scheme) {
      case Sparse24Scheme s ->
          Optional.of(s.values()).filter(Sparse24Packing::holds).map(Sparse24Packing::new);
      case CodebookScheme s -> Optional.of(new CodebookPacking(s));
      case TrellisScheme s -> Optional.of(new TrellisPacking(s));
      default -> DENSE.packingFor(scheme, model);
    };
  }

  @Override
  public boolean runsInputTransforms() {
    return true;
  }

  private static String schemeName(ModuleLayout layout) {
    return layout.packed().values().stream()
        .map(StoredAs::schemeName)
        .distinct()
        .collect(Collectors.joining(" "));
  }

  @Override
  public Map<String, ObjectNode> describe(ModelConfig source, ModuleLayout layout) {
    List<Optional<InputTransform>> transforms =
        layout.packed().values().stream().map(StoredAs::transform).distinct().toList();
    boolean own = transforms.size() > 1;
    boolean old =
        !own && layout.packed().values().stream().allMatch(s -> s.packing().equals(NVFP4));
    ObjectNode q = QuantizationConfig.JSON.createObjectNode();
    q.put("quant_method", METHOD);
    q.put("version", version(own, old));
    q.put("scheme", schemeName(layout));
    if (old) {
      q.put("format", NVFP4.name());
      q.put("group_size", NVFP4.scheme().groupSize());
    } else {
      ArrayNode layouts = q.putArray("layouts");
      MarlinLayouts.of(layout.packed())
          .forEach((stored, json) -> {
            if (own) {
              json.set(TRANSFORM, json(stored.transform()));
            }
            layouts.add(json);
          });
    }
    if (!own) {
      q.set(TRANSFORM, json(transforms.stream().findFirst().flatMap(t -> t)));
    }
    q.set("ignore", QuantizationConfig.names(layout.dense()));
    return Map.of("config.json", QuantizationConfig.replace(source, q));
  }

  private static int version(boolean own, boolean old) {
    if (own) {
      return OWN_TRANSFORMS;
    }
    return old ? NVFP4_ONLY : LAYOUTS;
  }

  private static JsonNode json(Optional<InputTransform> transform) {
    return transform
        .<JsonNode>map(t ->
            QuantizationConfig.JSON
                .createObjectNode()
                .put("type", "hadamard")
                .put("block_size", t.blockSize()))
        .orElseGet(NullNode::getInstance);
  }
}
