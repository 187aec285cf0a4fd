package io.metalmarlin.formats.model;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.container.Checkpoint;
import io.metalmarlin.formats.scheme.Packing;
import io.metalmarlin.formats.scheme.nvfp4.ModelOptNvfp4;
import io.metalmarlin.formats.tensor.DType;
import io.metalmarlin.formats.tensor.TensorInfo;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/// NVIDIA ModelOpt's unified Hugging Face export, which TensorRT-LLM, vLLM and SGLang load.
///
/// A quantized module keeps the name `weight`: it is told by its element type and by `weight_scale_2`.
/// Weight-only NVFP4 is the algorithm `W4A16_NVFP4` (vLLM's modelopt loader lists it beside `NVFP4`).
public final class ModelOptDialect implements Dialect {
  private static final String METHOD = "modelopt";
  private static final Packing NVFP4 = ModelOptNvfp4.INSTANCE;

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
    TensorInfo weight = checkpoint.tensors().get(stem + ".weight");
    boolean scaled = checkpoint.tensors().containsKey(stem + ".weight_scale");
    if (weight == null || !scaled) {
      return Optional.empty();
    }
    boolean twoLevel = checkpoint.tensors().containsKey(stem + ".weight_scale_2");
    boolean rescaled = checkpoint.tensors().containsKey(stem + ".pre_quant_scale");
    if (weight.dtype() == DType.U8 && twoLevel && !rescaled) {
      return Optional.of(NVFP4);
    }
    throw new MarlinException(
        ErrorCode.REFUSED_FORMAT,
        config.file().toString(),
        "%s is stored by ModelOpt's %s%s, which this version does not read"
            .formatted(
                stem,
                QuantizationConfig.of(config).text("quant_algo").orElse("(no quant_algo)"),
                rescaled ? " with pre_quant_scale" : ""),
        "`marlin formats` lists what is read; use the original checkpoint.");
  }

  @Override
  public Optional<Packing> packingFor(String schemeName) {
    return schemeName.equals("NVFP4A16") ? Optional.of(NVFP4) : Optional.empty();
  }

  @Override
  public Map<String, ObjectNode> describe(ModelConfig source, ModuleLayout layout) {
    ObjectNode producer = QuantizationConfig.JSON.createObjectNode();
    producer.put("name", "metal-marlin");
    producer.put("version", "1");
    ObjectNode q = QuantizationConfig.JSON.createObjectNode();
    ObjectNode group = q.putObject("config_groups").putObject("group_0");
    ObjectNode weights = group.putObject("weights");
    weights.put("dynamic", false);
    weights.put("num_bits", NVFP4.scheme().codeBits());
    weights.put("type", "float");
    weights.put("group_size", NVFP4.scheme().groupSize());
    group.putArray("targets").add("Linear");
    q.set("ignore", QuantizationConfig.names(layout.dense()));
    q.put("quant_algo", "W4A16_NVFP4");
    q.put("group_size", NVFP4.scheme().groupSize());
    q.set("producer", producer);
    q.put("quant_method", METHOD);
    return Map.of(
        "config.json", QuantizationConfig.replace(source, q),
        "hf_quant_config.json", legacy(layout, producer));
  }

  /// The separate file that vLLM detects ModelOpt checkpoints by; all five keys are required there.
  private static ObjectNode legacy(ModuleLayout layout, ObjectNode producer) {
    ObjectNode file = QuantizationConfig.JSON.createObjectNode();
    file.set("producer", producer);
    ObjectNode q = file.putObject("quantization");
    q.put("quant_algo", "W4A16_NVFP4");
    q.putNull("kv_cache_quant_algo");
    q.put("group_size", NVFP4.scheme().groupSize());
    q.set("exclude_modules", QuantizationConfig.names(layout.dense()));
    return file;
  }
}
