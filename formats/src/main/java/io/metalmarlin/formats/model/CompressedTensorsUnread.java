package io.metalmarlin.formats.model;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/// What a configuration of compressed-tensors may ask of a reader beyond decoding: sparse planes
/// and transforms of inputs. Neither is read, and both are refused by name.
///
/// Two things that look like them are not: the `sparsity_config` of 2024, whose `format` `dense`
/// means that nothing is compressed, and transforms of weights alone, which are in the stored
/// weights already.
final class CompressedTensorsUnread {
  private static final Set<String> IN_THE_WEIGHTS = Set.of("weight_input", "weight_output");

  private CompressedTensorsUnread() {}

  /// @throws io.metalmarlin.formats.MarlinException `REFUSED_FORMAT`
  static void refuse(ModelConfig config) {
    JsonNode q = QuantizationConfig.of(config).root().orElse(null);
    if (q == null) {
      return;
    }
    JsonNode sparsity = q.path("sparsity_config");
    String format = sparsity.path("format").asString("");
    if (!sparsity.isEmpty() && !format.equals("dense")) {
      throw refused(config, "sparsity_config", "format \"" + format + "\"");
    }
    JsonNode transform = q.path("transform_config");
    List<String> online = online(transform);
    if (!online.isEmpty()) {
      throw refused(config, "transform_config", String.join(", ", online));
    }
  }

  /// Groups whose transforms a runner must apply, with the place of each.
  private static List<String> online(JsonNode transform) {
    List<String> online = new ArrayList<>();
    for (Map.Entry<String, JsonNode> e : transform.properties()) {
      if (!e.getKey().equals("config_groups")) {
        online.add(e.getKey());
      }
    }
    for (Map.Entry<String, JsonNode> group : transform.path("config_groups").properties()) {
      JsonNode places = group.getValue().path("apply");
      if (!places.isArray()) {
        online.add(group.getKey());
      }
      for (JsonNode place : places.values()) {
        String location = place.path("location").asString("(no location)");
        if (!IN_THE_WEIGHTS.contains(location)) {
          online.add(group.getKey() + " at " + location);
        }
      }
    }
    return online;
  }

  private static RuntimeException refused(ModelConfig config, String key, String what) {
    return QuantizationConfig.refused(
        config.file().toString(), "its quantization_config has a %s: %s".formatted(key, what));
  }
}
