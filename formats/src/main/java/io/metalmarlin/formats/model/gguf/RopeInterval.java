package io.metalmarlin.formats.model.gguf;

import io.metalmarlin.formats.model.ModelConfig;
import tools.jackson.databind.JsonNode;

/// Every so manieth layer has no rotary embedding, which llama.cpp has built in.
record RopeInterval(int every) implements FamilyKey {
  @Override
  public void write(ModelConfig config, GgufKeys keys) {
    JsonNode list = config.list("no_rope_layers").orElse(null);
    int interval = config.integer("no_rope_layer_interval").orElse(every);
    for (int i = 0; i < config.requireInt("num_hidden_layers"); i++) {
      boolean turned =
          list == null || list.isEmpty() ? (i + 1) % interval != 0 : list.path(i).intValue(0) != 0;
      if (turned != ((i + 1) % every != 0)) {
        throw keys.cannot(
            "another rule of rotary embeddings than all but each " + every + "th, at layer " + i);
      }
    }
  }

  @Override
  public void read(Reading from) {
    from.out().put("no_rope_layer_interval", every);
  }
}
