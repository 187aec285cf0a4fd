package io.metalmarlin.formats.model;

import io.metalmarlin.formats.scheme.GroupPacking;
import io.metalmarlin.formats.scheme.Packing;
import io.metalmarlin.formats.scheme.floating.Fp8Packing;
import io.metalmarlin.formats.scheme.integer.IntQuantized;
import io.metalmarlin.formats.scheme.integer.PackQuantized;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/// The `quantization_config` of compressed-tensors, keys as 0.18/0.19 writes them
/// (`quantization/quant_config.py`).
///
/// One way of storing all modules targets the class `Linear`; several name their modules, each a
/// group of its own: vLLM asks for the class before it looks into fused projections, so a class
/// beside names would win over them.
final class CompressedTensorsDescription {
  /// The library version whose schema is written; from 0.17 on it means that widths which do not
  /// divide 32 are packed without gaps.
  static final String SCHEMA_VERSION = "0.18.0";

  static final String METHOD = "compressed-tensors";

  private static final String MIXED = "mixed-precision";

  /// What modules must have in common to be one group.
  private record Group(String format, ObjectNode weights, @Nullable ObjectNode inputs) {}

  private CompressedTensorsDescription() {}

  static ObjectNode of(ModuleLayout layout) {
    Map<Group, List<String>> groups = new LinkedHashMap<>();
    layout
        .packed()
        .forEach((module, stored) ->
            groups.computeIfAbsent(group(stored), g -> new ArrayList<>()).add(module));
    ObjectNode q = QuantizationConfig.JSON.createObjectNode();
    ObjectNode configGroups = q.putObject("config_groups");
    Set<String> formats = new TreeSet<>();
    groups.forEach((group, modules) -> {
      formats.add(group.format());
      ObjectNode g = configGroups.putObject("group_" + configGroups.size());
      g.put("format", group.format());
      g.set("input_activations", group.inputs());
      g.putNull("output_activations");
      g.set("targets", QuantizationConfig.names(groups.size() == 1 ? List.of("Linear") : modules));
      g.set("weights", group.weights());
    });
    q.put("format", format(formats));
    q.putNull("global_compression_ratio");
    q.set("ignore", QuantizationConfig.names(layout.dense()));
    q.set("kv_cache_scheme", layout.fp8Cache() ? CompressedTensorsArguments.fp8Tensor() : null);
    q.put("quant_method", METHOD);
    q.put("quantization_status", "compressed");
    // Left empty on purpose: content here made vLLM reject dense packs.
    q.putObject("sparsity_config");
    q.putObject("transform_config");
    q.put("version", SCHEMA_VERSION);
    return q;
  }

  private static String format(Set<String> formats) {
    return switch (formats.size()) {
      case 0 -> "dense";
      case 1 -> formats.iterator().next();
      default -> MIXED;
    };
  }

  private static Group group(StoredAs stored) {
    GroupPacking packing = (GroupPacking) stored.packing();
    return new Group(
        format(packing, stored.activations()),
        CompressedTensorsArguments.weights(packing),
        CompressedTensorsArguments.inputs(packing.scheme(), stored.activations()));
  }

  /// FP8 weights whose input stays in 16 bits are in the same planes under another name.
  private static String format(Packing packing, Activations activations) {
    return switch (packing) {
      case PackQuantized p -> PackQuantized.FORMAT;
      case IntQuantized p -> IntQuantized.FORMAT;
      case Fp8Packing p when activations == Activations.NONE -> "naive-quantized";
      case Fp8Packing p -> p.layout().label();
      default -> packing.name();
    };
  }
}
