package io.metalmarlin.formats.model;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.scheme.floating.Fp8Packing;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.node.ObjectNode;

/// ModelOpt's two descriptions, keys as version 0.47 writes them: `quantization_config` and the
/// separate `hf_quant_config.json` that vLLM detects ModelOpt checkpoints by.
///
/// Weight-only NVFP4 is the algorithm `W4A16_NVFP4`: `NVFP4` itself promises an `input_scale` per
/// module. vLLM and TensorRT-LLM of 2026 know both names, older ones only `NVFP4`.
final class ModelOptDescription {
  static final String METHOD = "modelopt";
  static final String FILE = QuantizationConfig.MODELOPT_FILE;

  private static final int GROUP = 16;

  private ModelOptDescription() {}

  static Map<String, ObjectNode> of(ModelConfig source, ModuleLayout layout) {
    Map<String, List<String>> groups = new LinkedHashMap<>();
    layout
        .packed()
        .forEach((module, stored) ->
            groups.computeIfAbsent(algorithm(stored), a -> new ArrayList<>()).add(module));
    ObjectNode producer = QuantizationConfig.JSON.createObjectNode();
    producer.put("name", "metal-marlin");
    producer.put("version", "1");
    ObjectNode q = QuantizationConfig.JSON.createObjectNode();
    ObjectNode configGroups = q.putObject("config_groups");
    groups.forEach((algorithm, modules) -> {
      ObjectNode g = configGroups.putObject("group_" + configGroups.size());
      if (!algorithm.equals("W4A16_NVFP4")) {
        g.set("input_activations", arguments(algorithm));
      }
      g.set("weights", arguments(algorithm));
      g.set("targets", QuantizationConfig.names(groups.size() == 1 ? List.of("Linear") : modules));
    });
    q.set("ignore", QuantizationConfig.names(layout.dense()));
    algorithms(q, groups);
    if (layout.fp8Cache()) {
      // The cache's arguments are those of FP8 weights.
      q.set("kv_cache_scheme", arguments("FP8"));
    }
    q.set("producer", producer);
    q.put("quant_method", METHOD);
    ObjectNode legacy = QuantizationConfig.JSON.createObjectNode();
    legacy.set("producer", producer);
    ObjectNode older = legacy.putObject("quantization");
    algorithms(older, groups);
    older.put("kv_cache_quant_algo", layout.fp8Cache() ? "FP8" : null);
    older.set("exclude_modules", QuantizationConfig.names(layout.dense()));
    return Map.of("config.json", QuantizationConfig.replace(source, q), FILE, legacy);
  }

  /// What the algorithm says; several algorithms name the modules of each.
  private static void algorithms(ObjectNode q, Map<String, List<String>> groups) {
    if (groups.size() == 1) {
      named(q, groups.keySet().iterator().next());
    } else if (groups.size() > 1) {
      q.put("quant_algo", "MIXED_PRECISION");
      ObjectNode layers = q.putObject("quantized_layers");
      groups.forEach((algorithm, modules) ->
          modules.forEach(module -> named(layers.putObject(module), algorithm)));
    } else {
      q.putNull("quant_algo");
    }
  }

  private static void named(ObjectNode object, String algorithm) {
    object.put("quant_algo", algorithm);
    if (!algorithm.equals("FP8")) {
      object.put("group_size", GROUP);
    }
  }

  private static ObjectNode arguments(String algorithm) {
    ObjectNode a = QuantizationConfig.JSON.createObjectNode();
    a.put("dynamic", false);
    a.put("num_bits", algorithm.equals("FP8") ? 8 : 4);
    a.put("type", "float");
    if (!algorithm.equals("FP8")) {
      a.put("group_size", GROUP);
    }
    return a;
  }

  /// @throws MarlinException `TARGET_CANNOT` for inputs that ModelOpt has no name for
  private static String algorithm(StoredAs stored) {
    boolean fp8 = stored.packing() instanceof Fp8Packing;
    if (!fp8 && stored.activations() == Activations.NONE) {
      return "W4A16_NVFP4";
    }
    if (!fp8 && stored.activations() == Activations.NVFP4) {
      return "NVFP4";
    }
    if (fp8 && stored.activations() == Activations.FP8_STATIC) {
      return "FP8";
    }
    throw new MarlinException(
        ErrorCode.TARGET_CANNOT,
        METHOD,
        "ModelOpt has no name for %s with activations %s"
            .formatted(stored.packing().name(), stored.activations()),
        "Write it with --to compressed-tensors, or choose NVFP4, NVFP4A16 or FP8.");
  }
}
