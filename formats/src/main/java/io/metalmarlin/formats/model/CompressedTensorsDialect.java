package io.metalmarlin.formats.model;

import io.metalmarlin.formats.container.Checkpoint;
import io.metalmarlin.formats.number.E4M3;
import io.metalmarlin.formats.scheme.GroupPacking;
import io.metalmarlin.formats.scheme.Packing;
import io.metalmarlin.formats.scheme.Plane;
import io.metalmarlin.formats.scheme.Scheme;
import io.metalmarlin.formats.scheme.TensorScale;
import io.metalmarlin.formats.scheme.nvfp4.CompressedTensorsNvfp4;
import io.metalmarlin.formats.scheme.nvfp4.Nvfp4Scheme;
import io.metalmarlin.formats.tensor.DType;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import tools.jackson.databind.node.ObjectNode;

/// compressed-tensors, the dialect of llm-compressor that vLLM, SGLang and transformers load.
///
/// Keys as compressed-tensors 0.18/0.19 writes them (`quantization/quant_config.py`). Read by
/// layout: a module is packed if its planes are there, whatever `targets` and `ignore` say, because
/// writers differ in how they fill these.
public final class CompressedTensorsDialect implements Dialect {
  /// The library version whose schema is written.
  static final String SCHEMA_VERSION = "0.18.0";

  private static final String METHOD = "compressed-tensors";

  /// What stands beside or instead of a packed matrix of the formats that are not read.
  private static final List<String> OTHER_PLANES =
      List.of(".weight_packed", ".weight_scale", ".weight_zero_point", ".compressed", ".bitmask");

  private static final GroupPacking NVFP4 = CompressedTensorsNvfp4.INSTANCE;

  @Override
  public String name() {
    return METHOD;
  }

  @Override
  public boolean accepts(ModelConfig config, Checkpoint checkpoint) {
    QuantizationConfig q = QuantizationConfig.of(config);
    boolean looksLikeIt =
        q.silent()
            && Tensors.any(checkpoint, List.of(".weight_packed"))
            && Tensors.any(checkpoint, List.of(".weight_global_scale"));
    return q.says(METHOD) || looksLikeIt;
  }

  /// Several formats may be mixed; a module's own planes tell which one it has.
  @Override
  public SequencedMap<String, PackedModule> modules(ModelConfig config, Checkpoint checkpoint) {
    refuseWhatIsNotRead(config);
    SequencedMap<String, PackedModule> modules = new LinkedHashMap<>();
    PlaneFinder finder = new PlaneFinder(checkpoint);
    for (String stem : Tensors.stems(checkpoint)) {
      packing(config, checkpoint, stem)
          .ifPresent(p -> modules.put(stem, nvfp4(finder, checkpoint, stem, p, Optional.empty())));
    }
    return modules;
  }

  /// A module in NVFP4 planes, sized by its codes.
  static PackedModule nvfp4(
      PlaneFinder finder,
      Checkpoint checkpoint,
      String stem,
      Packing packing,
      Optional<InputTransform> transform) {
    int[] size = Tensors.matrix(checkpoint, stem + "." + packing.planes(1, 16).getFirst().suffix());
    return finder.module(stem, packing, size[0], 2 * size[1], transform);
  }

  private static Optional<Packing> packing(ModelConfig config, Checkpoint checkpoint, String stem) {
    if (isNvfp4(checkpoint, stem)) {
      return Optional.of(NVFP4);
    }
    boolean otherwisePacked =
        OTHER_PLANES.stream().anyMatch(plane -> Tensors.has(checkpoint, stem + plane));
    if (otherwisePacked) {
      String format = QuantizationConfig.of(config).text("format").orElse("(none given)");
      throw QuantizationConfig.refused(
          config.file().toString(),
          stem
              + " is stored by compressed-tensors in a format other than NVFP4 (the configuration"
              + " says "
              + format
              + ")");
    }
    return Optional.empty();
  }

  /// Whether the module has the planes of NVFP4 with their types; other 4-bit formats share one
  /// name or another of them.
  static boolean isNvfp4(Checkpoint checkpoint, String stem) {
    return Tensors.is(checkpoint, stem + ".weight_packed", DType.U8)
        && Tensors.is(checkpoint, stem + ".weight_scale", DType.F8_E4M3)
        && Tensors.is(checkpoint, stem + ".weight_global_scale", DType.F32);
  }

  private static void refuseWhatIsNotRead(ModelConfig config) {
    for (String key : List.of("transform_config", "sparsity_config")) {
      boolean filled =
          QuantizationConfig.of(config).root().map(r -> !r.path(key).isEmpty()).orElse(false);
      if (filled) {
        throw QuantizationConfig.refused(
            config.file().toString(), "its quantization_config has a " + key + " with content");
      }
    }
  }

  @Override
  public Optional<Packing> packingFor(Scheme scheme, DType model) {
    return scheme.equals(NVFP4.scheme()) ? Optional.of(NVFP4) : Optional.empty();
  }

  /// llm-compressor writes `input_scale` in the model's type; F32 holds the number as it was
  /// measured and loads in the same places.
  @Override
  public Optional<ActivationScale> activationScale(Activations activations) {
    return switch (activations) {
      case NVFP4 ->
          Optional.of(
              new ActivationScale(
                  new Plane("input_global_scale", DType.F32, List.of(1L)),
                  TensorScale.Kind.DIVISOR,
                  Nvfp4Scheme.RANGE));
      case FP8_STATIC ->
          Optional.of(
              new ActivationScale(
                  new Plane("input_scale", DType.F32, List.of(1L)),
                  TensorScale.Kind.MULTIPLIER,
                  E4M3.MAX));
      default -> Optional.empty();
    };
  }

  @Override
  public Map<String, ObjectNode> describe(ModelConfig source, ModuleLayout layout) {
    ObjectNode q = QuantizationConfig.JSON.createObjectNode();
    ObjectNode group = q.putObject("config_groups").putObject("group_0");
    group.put("format", NVFP4.name());
    group.putNull("input_activations");
    group.putNull("output_activations");
    group.putArray("targets").add("Linear");
    group.set("weights", nvfp4Weights());
    q.put("format", NVFP4.name());
    q.putNull("global_compression_ratio");
    q.set("ignore", QuantizationConfig.names(layout.dense()));
    q.putNull("kv_cache_scheme");
    q.put("quant_method", METHOD);
    q.put("quantization_status", "compressed");
    // Left empty on purpose: content here made vLLM reject dense packs.
    q.putObject("sparsity_config");
    q.putObject("transform_config");
    q.put("version", SCHEMA_VERSION);
    return Map.of("config.json", QuantizationConfig.replace(source, q));
  }

  /// The quantization arguments of two-level NVFP4 weights.
  private static ObjectNode nvfp4Weights() {
    ObjectNode w = QuantizationConfig.JSON.createObjectNode();
    w.putNull("actorder");
    w.putNull("block_structure");
    w.put("dynamic", false);
    w.put("group_size", NVFP4.scheme().groupSize());
    w.put("num_bits", NVFP4.scheme().codeBits());
    w.putNull("observer");
    w.putObject("observer_kwargs");
    w.put("scale_dtype", "torch.float8_e4m3fn");
    w.put("strategy", "tensor_group");
    w.put("symmetric", true);
    w.put("type", "float");
    w.putNull("zp_dtype");
    return w;
  }
}
