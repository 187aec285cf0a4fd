package io.metalmarlin.formats.model;

import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.container.Checkpoint;
import io.metalmarlin.formats.number.E4M3;
import io.metalmarlin.formats.scheme.GroupPacking;
import io.metalmarlin.formats.scheme.Packing;
import io.metalmarlin.formats.scheme.Plane;
import io.metalmarlin.formats.scheme.Scheme;
import io.metalmarlin.formats.scheme.TensorScale;
import io.metalmarlin.formats.scheme.nvfp4.ModelOptNvfp4;
import io.metalmarlin.formats.scheme.nvfp4.Nvfp4Scheme;
import io.metalmarlin.formats.tensor.DType;
import io.metalmarlin.formats.tensor.TensorInfo;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import tools.jackson.databind.node.ObjectNode;

/// NVIDIA ModelOpt's unified Hugging Face export, which TensorRT-LLM, vLLM and SGLang load.
///
/// A quantized module keeps the name `weight`: it is told by its element type and by
/// `weight_scale_2`. Weight-only NVFP4 is the algorithm `W4A16_NVFP4`: `NVFP4` itself promises an
/// `input_scale` per module, which weight-only output has not. vLLM and TensorRT-LLM of 2026 know
/// both names, older ones only `NVFP4`.
public final class ModelOptDialect implements Dialect {
  private static final String METHOD = "modelopt";
  private static final GroupPacking NVFP4 = ModelOptNvfp4.INSTANCE;

  @Override
  public String name() {
    return METHOD;
  }

  @Override
  public boolean accepts(ModelConfig config, Checkpoint checkpoint) {
    QuantizationConfig q = QuantizationConfig.of(config);
    boolean olderExport = q.root().isEmpty() && q.modelOpt().isPresent();
    boolean looksLikeIt = q.silent() && Tensors.any(checkpoint, List.of(".weight_scale_2"));
    return q.method().filter(m -> m.startsWith(METHOD)).isPresent() || olderExport || looksLikeIt;
  }

  @Override
  public SequencedMap<String, PackedModule> modules(ModelConfig config, Checkpoint checkpoint) {
    SequencedMap<String, PackedModule> modules = new LinkedHashMap<>();
    PlaneFinder finder = new PlaneFinder(checkpoint);
    for (String stem : Tensors.stems(checkpoint)) {
      packing(config, checkpoint, stem)
          .ifPresent(p ->
              modules.put(
                  stem,
                  CompressedTensorsDialect.nvfp4(finder, checkpoint, stem, p, Optional.empty())));
    }
    return modules;
  }

  private static Optional<Packing> packing(ModelConfig config, Checkpoint checkpoint, String stem) {
    TensorInfo weight = checkpoint.tensors().get(stem + ".weight");
    if (weight == null || !Tensors.has(checkpoint, stem + ".weight_scale")) {
      return Optional.empty();
    }
    boolean nvfp4 =
        weight.dtype() == DType.U8
            && Tensors.is(checkpoint, stem + ".weight_scale", DType.F8_E4M3)
            && Tensors.is(checkpoint, stem + ".weight_scale_2", DType.F32);
    if (!nvfp4) {
      throw refused(config, stem, algorithm(config));
    }
    for (String extra : List.of(".pre_quant_scale", ".svdquant_lora_a")) {
      if (Tensors.has(checkpoint, stem + extra)) {
        throw refused(config, stem, algorithm(config) + " with " + extra.substring(1));
      }
    }
    // A swizzled export pads rows to 128 and groups to 4, and orders the scales for one kernel.
    List<Long> scales = checkpoint.tensors().get(stem + ".weight_scale").shape();
    boolean linear =
        weight.shape().size() == 2
            && scales.equals(List.of(weight.shape().get(0), weight.shape().get(1) / 8));
    if (!linear) {
      throw refused(config, stem, "NVFP4 with padded or swizzled scales " + scales);
    }
    return Optional.of(NVFP4);
  }

  private static String algorithm(ModelConfig config) {
    QuantizationConfig q = QuantizationConfig.of(config);
    return q.text("quant_algo")
        .or(() -> q.modelOpt().map(m -> m.path("quant_algo").asString("")))
        .filter(a -> !a.isEmpty())
        .orElse("(no quant_algo)");
  }

  private static MarlinException refused(ModelConfig config, String stem, String layout) {
    return QuantizationConfig.refused(
        config.file().toString(), stem + " is stored by ModelOpt's " + layout);
  }

  @Override
  public Optional<Packing> packingFor(Scheme scheme, DType model) {
    return scheme.equals(NVFP4.scheme()) ? Optional.of(NVFP4) : Optional.empty();
  }

  @Override
  public Optional<ActivationScale> activationScale(Activations activations) {
    Plane plane = new Plane("input_scale", DType.F32, List.of());
    return switch (activations) {
      case NVFP4 ->
          Optional.of(new ActivationScale(plane, TensorScale.Kind.MULTIPLIER, Nvfp4Scheme.RANGE));
      case FP8_STATIC ->
          Optional.of(new ActivationScale(plane, TensorScale.Kind.MULTIPLIER, E4M3.MAX));
      default -> Optional.empty();
    };
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
