package io.metalmarlin.runtime.model.arch;

import io.metalmarlin.formats.model.ModelConfig;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/// Which layers have a mixture of experts in place of an MLP.
final class SparseLayers {
  private SparseLayers() {}

  /// Qwen: each `decoder_sparse_step`-th, but none of `mlp_only_layers`, and none at all without
  /// experts.
  static Set<Integer> qwen(ModelConfig config, int layers) {
    if (config.integer("num_experts").orElse(1) == 0) {
      return Set.of();
    }
    int step = ConfigChecks.positive(config, "decoder_sparse_step", 1);
    Set<Integer> sparse = every(step, layers);
    sparse.removeAll(listed(config, "mlp_only_layers"));
    return sparse;
  }

  /// Each `step`-th.
  static Set<Integer> every(int step, int layers) {
    Set<Integer> sparse = new HashSet<>();
    for (int i = step - 1; i < layers; i += step) {
      sparse.add(i);
    }
    return sparse;
  }

  /// The layers that a key lists; none when it is absent or null.
  static Set<Integer> listed(ModelConfig config, String key) {
    Optional<JsonNode> list = config.list(key);
    Set<Integer> layers = new HashSet<>();
    if (list.isEmpty()) {
      return layers;
    }
    for (JsonNode n : list.get().values()) {
      if (!n.isIntegralNumber()) {
        throw ConfigChecks.malformed(config, key + " should list layers, it is " + list.get());
      }
      layers.add(n.intValue());
    }
    return layers;
  }
}
