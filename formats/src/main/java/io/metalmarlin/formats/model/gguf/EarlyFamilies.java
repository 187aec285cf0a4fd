package io.metalmarlin.formats.model.gguf;

import static io.metalmarlin.formats.model.gguf.FamilyKey.OWN_HEAD;
import static io.metalmarlin.formats.model.gguf.FamilyKey.activation;
import static io.metalmarlin.formats.model.gguf.FamilyKey.built;

import io.metalmarlin.formats.model.ModelConfig;
import io.metalmarlin.formats.model.gguf.FamilyKey.Flag;
import io.metalmarlin.formats.model.gguf.GgufFamily.Epsilon;
import io.metalmarlin.formats.model.gguf.GgufFamily.Rotary;
import io.metalmarlin.formats.model.gguf.GgufFamily.Trait;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import tools.jackson.databind.node.ObjectNode;

/// Families from before Llama. ggml's GELU is the one by the hyperbolic tangent; llama.cpp takes it
/// for models with either.
final class EarlyFamilies {
  private static final FamilyNames NONE = new FamilyNames("", "", "none.", List.of("none"));

  private static final FamilyNames MEGATRON =
      NONE.block("attn_norm", "input_layernorm")
          .block("attn_qkv", "self_attention.query_key_value")
          .block("attn_output", "self_attention.dense")
          .block("ffn_norm", "post_attention_layernorm")
          .block("ffn_up", "mlp.dense_h_to_4h")
          .block("ffn_down", "mlp.dense_4h_to_h");

  private static final FamilyNames BLOOM =
      MEGATRON
          .under("transformer.", "transformer.h.")
          .outside("token_embd", "transformer.word_embeddings")
          .outside("token_embd_norm", "transformer.word_embeddings_layernorm")
          .outside("output_norm", "transformer.ln_f")
          .outside("output", "lm_head");

  private static final FamilyNames GPT_NEOX =
      MEGATRON
          .under("gpt_neox.", "gpt_neox.layers.")
          .outside("token_embd", "gpt_neox.embed_in")
          .outside("output_norm", "gpt_neox.final_layer_norm")
          .outside("output", "embed_out")
          .also("lm_head", "output")
          .block("attn_qkv", "attention.query_key_value")
          .block("attn_output", "attention.dense");

  private static final FamilyNames GPT2 =
      NONE.under("transformer.", "transformer.h.")
          .outside("token_embd", "transformer.wte")
          .outside("position_embd", "transformer.wpe")
          .outside("output_norm", "transformer.ln_f")
          .outside("output", "lm_head")
          .block("attn_norm", "ln_1")
          .block("attn_qkv", "attn.c_attn")
          .block("attn_output", "attn.c_proj")
          .block("ffn_norm", "ln_2")
          .block("ffn_up", "mlp.c_fc")
          .block("ffn_down", "mlp.c_proj");

  static final List<GgufFamily> ALL =
      List.of(
          FamilyDraft.of("gptneox", "gpt_neox", "GPTNeoXForCausalLM")
              .names(GPT_NEOX)
              .with(Trait.QKV_BY_KIND, Trait.NO_HEAD_DIM)
              .epsilon(Epsilon.layer("layer_norm_eps"))
              .rotary(new Rotary(true, "rotary_emb_base", "rotary_pct", 0.25))
              .buffers(".*\\.attention\\.(bias|masked_bias|rotary_emb\\.inv_freq)")
              .keys(
                  activation("hidden_act", "gelu", "gelu"),
                  built("attention_bias", true, true),
                  OWN_HEAD,
                  new Flag("use_parallel_residual", "use_parallel_residual", true)),
          FamilyDraft.of("gpt2", "gpt2", "GPT2LMHeadModel")
              .names(GPT2)
              .with(Trait.TRANSPOSED, Trait.NO_HEAD_DIM, Trait.TIED)
              .spelling(
                  Map.of(
                      "n_embd", "hidden_size",
                      "n_layer", "num_hidden_layers",
                      "n_head", "num_attention_heads",
                      "n_positions", "max_position_embeddings",
                      "n_inner", "intermediate_size"),
                  fourTimes("max_position_embeddings", 1024))
              .epsilon(Epsilon.layer("layer_norm_epsilon"))
              .rotary(Rotary.NONE)
              .buffers(".*\\.attn\\.(bias|masked_bias)")
              .keys(
                  activation("activation_function", "gelu_new", NormFamilies.TANH),
                  built("scale_attn_weights", true, true),
                  built("scale_attn_by_inverse_layer_idx", false, false)),
          FamilyDraft.of("bloom", "bloom", "BloomForCausalLM")
              .names(BLOOM)
              .with(Trait.QKV_BY_KIND, Trait.NO_HEAD_DIM, Trait.TIED)
              .spelling(
                  Map.of(
                      "n_layer", "num_hidden_layers",
                      "n_head", "num_attention_heads",
                      "seq_length", "max_position_embeddings"),
                  c -> fourTimes("max_position_embeddings", 2048).apply(hidden(c)))
              .epsilon(Epsilon.layer("layer_norm_epsilon"))
              .rotary(Rotary.NONE)
              .keys(built("apply_residual_connection_post_layernorm", false, false)),
          FamilyDraft.of("falcon", "falcon", "FalconForCausalLM")
              .names(
                  BLOOM
                      .without("ffn_norm")
                      .block("attn_norm_2", "ln_attn")
                      .also("ln_mlp", "attn_norm"))
              .with(Trait.QKV_BY_KIND, Trait.NO_HEAD_DIM, Trait.TIED)
              .spelling(
                  Map.of("ffn_hidden_size", "intermediate_size"),
                  c ->
                      FalconKeys.keyHeads(
                          fourTimes("max_position_embeddings", 2048).apply(hidden(c))))
              .epsilon(Epsilon.layer("layer_norm_epsilon"))
              .keys(
                  activation("activation", "gelu", "gelu"),
                  built("bias", false, false),
                  built("alibi", false, false),
                  built("parallel_attn", true, true),
                  new FalconKeys()));

  private EarlyFamilies() {}

  /// The hidden width under its older name.
  private static ModelConfig hidden(ModelConfig config) {
    ObjectNode root = config.root().deepCopy();
    if (root.hasNonNull("n_embed")) {
      root.set("hidden_size", root.get("n_embed"));
    }
    return new ModelConfig(config.file(), root);
  }

  /// An inner width of four hidden ones, and a longest context, where the configuration has none.
  private static UnaryOperator<ModelConfig> fourTimes(String context, int otherwise) {
    return config -> {
      ObjectNode root = config.root().deepCopy();
      if (!root.hasNonNull("intermediate_size")) {
        root.put("intermediate_size", 4 * config.requireInt("hidden_size"));
      }
      if (!root.hasNonNull(context)) {
        root.put(context, otherwise);
      }
      return new ModelConfig(config.file(), root);
    };
  }
}
