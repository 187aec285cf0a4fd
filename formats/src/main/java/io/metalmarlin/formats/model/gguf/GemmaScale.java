package io.metalmarlin.formats.model.gguf;

import io.metalmarlin.formats.model.ModelConfig;

/// Gemma's scale of scores: llama.cpp has the width of a head in it, and for the largest model,
/// which it tells by the number of layers, the hidden width by the number of heads.
final class GemmaScale {
  private GemmaScale() {}

  static void check(ModelConfig config, GgufKeys keys, int largest) {
    int hidden = config.requireInt("hidden_size");
    int heads = config.requireInt("num_attention_heads");
    boolean large = config.requireInt("num_hidden_layers") == largest;
    double built =
        large ? (double) hidden / heads : config.integer("head_dim").orElse(hidden / heads);
    if (config.number("query_pre_attn_scalar").orElse(built) != built) {
      throw keys.cannot(
          "query_pre_attn_scalar %s (llama.cpp has %s)"
              .formatted(config.root().get("query_pre_attn_scalar"), built));
    }
  }

  static void read(FamilyKey.Reading from, int largest) {
    boolean large = from.keys().require("block_count") == largest;
    from.out()
        .put(
            "query_pre_attn_scalar",
            large
                ? from.keys().require("embedding_length")
                    / from.keys().require("attention.head_count")
                : from.out().get("head_dim").intValue());
  }
}
