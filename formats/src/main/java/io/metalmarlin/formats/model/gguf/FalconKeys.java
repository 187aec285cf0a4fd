package io.metalmarlin.formats.model.gguf;

import io.metalmarlin.formats.model.ModelConfig;

/// Which generation a Falcon is: a file says it by its key heads and by a second norm.
record FalconKeys() implements FamilyKey {
  /// The configuration with its number of key heads.
  static ModelConfig keyHeads(ModelConfig config) {
    int heads = config.requireInt("num_attention_heads");
    boolean grouped = config.flag("new_decoder_architecture", false);
    int keys =
        grouped
            ? config.integer("num_kv_heads").orElse(heads)
            : config.flag("multi_query", true) ? 1 : heads;
    return new ModelConfig(
        config.file(), config.root().deepCopy().put("num_key_value_heads", keys));
  }

  @Override
  public void write(ModelConfig config, GgufKeys keys) {
    // Key heads are among the common keys, the second norm is a tensor.
  }

  @Override
  public void read(Reading from) {
    int heads = from.keys().require("attention.head_count");
    int keyHeads = from.keys().whole("attention.head_count_kv").orElse(heads);
    boolean two = from.has("blk.0.attn_norm_2.weight");
    boolean grouped = two || keyHeads != 1 && keyHeads != heads;
    from.out().put("new_decoder_architecture", grouped);
    from.out().put("multi_query", !grouped && keyHeads == 1);
    from.out().put("num_kv_heads", keyHeads);
    from.out().put("num_ln_in_parallel_attn", two ? 2 : 1);
  }
}
