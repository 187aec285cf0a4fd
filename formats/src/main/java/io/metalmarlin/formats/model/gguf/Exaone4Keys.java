package io.metalmarlin.formats.model.gguf;

import io.metalmarlin.formats.model.ModelConfig;
import tools.jackson.databind.JsonNode;

/// EXAONE 4: llama.cpp has windows in three of four layers of the model with 64, and none in
/// others.
record Exaone4Keys() implements FamilyKey {
  private static final int LARGE = 64;
  private static final WindowPattern PATTERN = new WindowPattern(4, 4096);

  @Override
  public void write(ModelConfig config, GgufKeys keys) {
    if (config.requireInt("num_hidden_layers") == LARGE) {
      PATTERN.write(config, keys);
      return;
    }
    for (JsonNode type :
        config.list("layer_types").map(JsonNode::values).orElse(java.util.Set.of())) {
      if (type.asString("").equals("sliding_attention")) {
        throw keys.cannot("sliding windows with other than " + LARGE + " layers");
      }
    }
    // With a window that no layer has, no layer has a rotary embedding; a missing one means 4096.
    if (!config.root().has("sliding_window") || config.integer("sliding_window").isPresent()) {
      throw keys.cannot("sliding windows with other than " + LARGE + " layers");
    }
  }

  @Override
  public void read(Reading from) {
    if (from.keys().require("block_count") == LARGE) {
      PATTERN.read(from);
    } else {
      from.out().putNull("sliding_window");
    }
  }
}
