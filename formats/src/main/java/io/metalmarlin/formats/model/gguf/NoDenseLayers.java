package io.metalmarlin.formats.model.gguf;

import io.metalmarlin.formats.model.ModelConfig;
import tools.jackson.databind.node.ArrayNode;

/// Qwen: every layer has experts.
record NoDenseLayers() implements FamilyKey {
  @Override
  public void write(ModelConfig config, GgufKeys keys) {
    boolean some = config.list("mlp_only_layers").filter(n -> !n.isEmpty()).isPresent();
    if (config.integer("decoder_sparse_step").orElse(1) != 1 || some) {
      throw keys.cannot("dense layers among those with experts");
    }
  }

  @Override
  public void read(Reading from) {
    from.out().put("decoder_sparse_step", 1);
    ArrayNode dense = from.out().putArray("mlp_only_layers");
    for (int i = 0; i < from.out().path("num_hidden_layers").intValue(0); i++) {
      if (from.has("blk." + i + ".ffn_gate.weight")) {
        dense.add(i);
      }
    }
  }
}
