package io.metalmarlin.runtime.model.arch;

import io.metalmarlin.formats.model.ModelConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/// Which layers have a rotary embedding, where a configuration leaves it out in some.
final class NoRopeLayers {
  private NoRopeLayers() {}

  /// `no_rope_layers` (which, against its name, holds 1 for layers that have one), else every layer
  /// but each `no_rope_layer_interval`-th.
  static List<Boolean> turned(ModelConfig config, int layers) {
    Optional<JsonNode> given = config.list("no_rope_layers").filter(n -> !n.isEmpty());
    List<Boolean> turned = new ArrayList<>();
    if (given.isEmpty()) {
      int interval = ConfigChecks.positive(config, "no_rope_layer_interval", 4);
      for (int i = 0; i < layers; i++) {
        turned.add((i + 1) % interval != 0);
      }
      return turned;
    }
    JsonNode list = given.get();
    if (list.size() != layers) {
      throw ConfigChecks.malformed(
          config, "no_rope_layers has " + list.size() + " entries, num_hidden_layers is " + layers);
    }
    for (JsonNode n : list) {
      if (!n.isIntegralNumber()) {
        throw ConfigChecks.malformed(config, "no_rope_layers should hold 0 and 1, it is " + list);
      }
      turned.add(n.intValue() != 0);
    }
    return turned;
  }
}
