package io.metalmarlin.formats.model;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.container.Checkpoint;
import io.metalmarlin.formats.scheme.GroupPacking;
import io.metalmarlin.formats.scheme.Packing;
import io.metalmarlin.formats.scheme.Scheme;
import io.metalmarlin.formats.scheme.nvfp4.CompressedTensorsNvfp4;
import io.metalmarlin.formats.tensor.DType;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Our own dialect, for what no other runner can say: NVFP4 planes as compressed-tensors stores
/// them, in the basis of an online block Hadamard transform. The keys are documented in
/// `docs/formats/marlin.md`.
public final class MarlinDialect implements Dialect {
  private static final String METHOD = "marlin";
  private static final int VERSION = 1;
  private static final String TRANSFORM = "input_transform";
  private static final GroupPacking NVFP4 = CompressedTensorsNvfp4.INSTANCE;

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
    requireVersion(config);
    Optional<InputTransform> transform = inputTransform(config);
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

  private static Optional<InputTransform> inputTransform(ModelConfig config) {
    JsonNode transform = QuantizationConfig.of(config).root().orElseThrow().get(TRANSFORM);
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

  private static void requireVersion(ModelConfig config) {
    JsonNode version = QuantizationConfig.of(config).root().orElseThrow().get("version");
    if (version == null || !version.isInt() || version.intValue() != VERSION) {
      throw malformed(
          config, "quantization_config version should be " + VERSION + ", it is " + version);
    }
  }

  private static MarlinException malformed(ModelConfig config, String what) {
    return new MarlinException(
        ErrorCode.CONFIG_MALFORMED,
        config.file().toString(),
        what,
        "The folder was written by another version of marlin; quantize the source again.");
  }

  @Override
  public Optional<Packing> packingFor(Scheme scheme, DType model) {
    return scheme.equals(NVFP4.scheme()) ? Optional.of(NVFP4) : Optional.empty();
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
    ObjectNode q = QuantizationConfig.JSON.createObjectNode();
    q.put("quant_method", METHOD);
    q.put("version", VERSION);
    q.put("scheme", schemeName(layout));
    q.put("format", NVFP4.name());
    q.put("group_size", NVFP4.scheme().groupSize());
    if (layout.transform().isPresent()) {
      ObjectNode t = q.putObject(TRANSFORM);
      t.put("type", "hadamard");
      t.put("block_size", layout.transform().get().blockSize());
    } else {
      q.putNull(TRANSFORM);
    }
    q.set("ignore", QuantizationConfig.names(layout.dense()));
    return Map.of("config.json", QuantizationConfig.replace(source, q));
  }
}
