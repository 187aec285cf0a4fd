package io.metalmarlin.formats.model;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.scheme.GroupPacking;
import io.metalmarlin.formats.scheme.mlx.MlxAffine;
import io.metalmarlin.formats.scheme.mlx.MlxFloat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// `config.json` as mlx-lm saves it: all keys sorted, the `quantization` object and a second copy
/// of it as `quantization_config`.
final class MlxDescription {
  private MlxDescription() {}

  /// @throws MarlinException `TARGET_CANNOT` for experts of one layer in different layouts: they
  ///   are stacked in one tensor
  static ObjectNode of(ModelConfig source, ModuleLayout layout) {
    TreeMap<String, JsonNode> keys = new TreeMap<>();
    source.dense().properties().forEach(e -> keys.put(e.getKey(), e.getValue()));
    Map<String, ObjectNode> entries = entries(layout);
    if (!entries.isEmpty()) {
      ObjectNode quantization = quantization(entries);
      keys.put(MlxConfig.KEY, quantization);
      keys.put(QuantizationConfig.KEY, quantization.deepCopy());
    }
    return QuantizationConfig.JSON.createObjectNode().setAll(keys);
  }

  /// The most frequent layout for all, and an entry for each module with another one.
  private static ObjectNode quantization(Map<String, ObjectNode> entries) {
    Map<ObjectNode, Integer> counts = new LinkedHashMap<>();
    entries.values().forEach(e -> counts.merge(e, 1, Integer::sum));
    ObjectNode most =
        counts.entrySet().stream()
            .reduce((a, b) -> b.getValue() > a.getValue() ? b : a)
            .orElseThrow()
            .getKey();
    ObjectNode all = most.deepCopy();
    entries.forEach((module, entry) -> {
      if (!entry.equals(most)) {
        all.set(module, entry);
      }
    });
    return all;
  }

  private static Map<String, ObjectNode> entries(ModuleLayout layout) {
    Map<String, ObjectNode> entries = new LinkedHashMap<>();
    layout
        .packed()
        .forEach((module, stored) -> {
          String name = MlxNames.of(module);
          ObjectNode entry = entry((GroupPacking) stored.packing());
          ObjectNode other = entries.put(name, entry);
          if (other != null && !other.equals(entry)) {
            throw new MarlinException(
                ErrorCode.TARGET_CANNOT,
                module,
                "MLX stacks the experts of a layer, they must all have one layout; here are "
                    + other
                    + " and "
                    + entry,
                "Give all experts of a layer the same scheme.");
          }
        });
    return entries;
  }

  private static ObjectNode entry(GroupPacking packing) {
    ObjectNode entry = QuantizationConfig.JSON.createObjectNode();
    entry.put("group_size", packing.scheme().groupSize());
    entry.put("bits", packing.scheme().codeBits());
    return switch (packing) {
      case MlxAffine a -> entry.put("mode", MlxConfig.AFFINE);
      case MlxFloat f -> entry.put("mode", f.mode());
      default -> throw new IllegalArgumentException("MLX does not store " + packing.name());
    };
  }
}
