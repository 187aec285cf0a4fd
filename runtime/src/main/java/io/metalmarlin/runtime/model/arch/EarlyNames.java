package io.metalmarlin.runtime.model.arch;

import io.metalmarlin.formats.model.NameTable;
import io.metalmarlin.formats.model.Role;
import java.util.Map;

/// The names that families from before Llama share.
final class EarlyNames {
  /// What Megatron calls the matrices of a block but for the attention's module, and the norms.
  private static final NameTable MEGATRON =
      new NameTable("", Map.of())
          .with(Role.ATTENTION_NORM, "input_layernorm")
          .with(Role.MLP_NORM, "post_attention_layernorm")
          .with(Role.UP, "mlp.dense_h_to_4h")
          .with(Role.DOWN, "mlp.dense_4h_to_h");

  /// BLOOM and Falcon.
  static final NameTable FALCON =
      new NameTable("transformer.h.", MEGATRON.paths())
          .with(Role.EMBEDDING, "transformer.word_embeddings")
          .with(Role.EMBEDDING_NORM, "transformer.word_embeddings_layernorm")
          .with(Role.QKV, "self_attention.query_key_value")
          .with(Role.O, "self_attention.dense")
          .with(Role.FINAL_NORM, "transformer.ln_f")
          .with(Role.HEAD, "lm_head");

  static final NameTable GPT_NEOX =
      new NameTable("gpt_neox.layers.", MEGATRON.paths())
          .with(Role.EMBEDDING, "gpt_neox.embed_in")
          .with(Role.QKV, "attention.query_key_value")
          .with(Role.O, "attention.dense")
          .with(Role.FINAL_NORM, "gpt_neox.final_layer_norm")
          .with(Role.HEAD, "embed_out");

  private EarlyNames() {}
}
