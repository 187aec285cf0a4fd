package io.metalmarlin.formats.model.gguf;

import io.metalmarlin.formats.model.ModelConfig;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;

/// Sliding windows in all layers but every so manieth, which llama.cpp has built in.
///
/// @param window what a configuration without `sliding_window` means
record WindowPattern(int every, int window) implements FamilyKey {
  @Override
  public void write(ModelConfig config, GgufKeys keys) {
    keys.whole("attention.sliding_window", config.integer("sliding_window").orElse(window));
    check(config, keys);
  }

  /// Refuses another pattern.
  void check(ModelConfig config, GgufKeys keys) {
    JsonNode types = config.list("layer_types").orElse(null);
    int pattern = config.integer("sliding_window_pattern").orElse(every);
    for (int i = 0; i < config.requireInt("num_hidden_layers"); i++) {
      boolean slides =
          types == null
              ? (i + 1) % pattern != 0
              : types.path(i).asString("").equals("sliding_attention");
      if (slides != ((i + 1) % every != 0)) {
        throw keys.cannot(
            "another pattern of sliding windows than all layers but each %dth, at layer %d"
                .formatted(every, i));
      }
    }
  }

  @Override
  public void read(Reading from) {
    from.out().put("sliding_window", from.keys().whole("attention.sliding_window").orElse(window));
    from.out().put("sliding_window_pattern", every);
    ArrayNode types = from.out().putArray("layer_types");
    for (int i = 1; i <= from.keys().require("block_count"); i++) {
      types.add(i % every == 0 ? "full_attention" : "sliding_attention");
    }
  }
}
