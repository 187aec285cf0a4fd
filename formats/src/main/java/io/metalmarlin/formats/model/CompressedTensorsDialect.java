package io.metalmarlin.formats.model;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.container.Checkpoint;
import io.metalmarlin.formats.scheme.Packing;
import io.metalmarlin.formats.scheme.nvfp4.CompressedTensorsNvfp4;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// compressed-tensors, the dialect of llm-compressor that vLLM, SGLang and transformers load.
///
/// Keys as compressed-tensors 0.18/0.19 writes them (`quantization/quant_config.py`). Read by layout: a
/// module is packed if its planes are there, whatever `targets` and `ignore` say, because writers differ in
/// how they fill these.
public final class CompressedTensorsDialect implements Dialect {
  /// The library version whose schema is written.
  static final String SCHEMA_VERSION = "0.18.0";

  private static final String METHOD = "compressed-tensors";
  private static final Packing NVFP4 = CompressedTensorsNvfp4.INSTANCE;

  @Override
  public String name() {
    return METHOD;
  }

  @Override
  public boolean accepts(ModelConfig config, Checkpoint checkpoint) {
    return QuantizationConfig.of(config).says(METHOD);
  }

  @Override
  public Optional<Packing> packing(ModelConfig config, Checkpoint checkpoint, String stem) {
    refuseWhatIsNotRead(config);
    if (checkpoint.tensors().containsKey(stem + ".weight_packed")) {
      requireNvfp4(config, checkpoint, stem);
      return Optional.of(NVFP4);
    }
    return Optional.empty();
  }

  /// Several formats may be mixed; a module's own planes tell which one it has.
  private static void requireNvfp4(ModelConfig config, Checkpoint checkpoint, String stem) {
    if (!checkpoint.tensors().containsKey(stem + ".weight_global_scale")) {
      String format = QuantizationConfig.of(config).text("format").orElse("(none given)");
      throw refused(config, stem + " is stored as " + format + ", which this version does not read");
    }
  }

  private static void refuseWhatIsNotRead(ModelConfig config) {
    JsonNode root = QuantizationConfig.of(config).root().orElseThrow();
    if (nonEmpty(root.get("transform_config"))) {
      throw refused(config, "its transform_config asks for online transforms, which this version does not run");
    }
    if (nonEmpty(root.get("sparsity_config"))) {
      throw refused(config, "its sparsity_config describes a sparse pack, which this version does not read");
    }
  }

  private static boolean nonEmpty(JsonNode node) {
    return node != null && node.isObject() && !node.isEmpty();
  }

  private static MarlinException refused(ModelConfig config, String what) {
    return new MarlinException(
        ErrorCode.REFUSED_FORMAT,
        config.file().toString(),
        what,
        "`marlin formats` lists what is read; use the original checkpoint.");
  }

  @Override
  public Optional<Packing> packingFor(String schemeName) {
    return schemeName.equals("NVFP4A16") ? Optional.of(NVFP4) : Optional.empty();
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
