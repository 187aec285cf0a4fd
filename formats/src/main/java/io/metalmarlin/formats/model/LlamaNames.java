package io.metalmarlin.formats.model;

/// Module names of Llama and the many families that follow it (Qwen, Mistral, ...).
public final class LlamaNames implements ModuleNames {
  public static final LlamaNames INSTANCE = new LlamaNames();

  private LlamaNames() {}

  @Override
  public String module(WeightId id) {
    return switch (id.role()) {
      case EMBEDDING -> "model.embed_tokens";
      case FINAL_NORM -> "model.norm";
      case HEAD -> "lm_head";
      case ATTENTION_NORM -> layer(id) + "input_layernorm";
      case MLP_NORM -> layer(id) + "post_attention_layernorm";
      case Q -> layer(id) + "self_attn.q_proj";
      case K -> layer(id) + "self_attn.k_proj";
      case V -> layer(id) + "self_attn.v_proj";
      case O -> layer(id) + "self_attn.o_proj";
      case Q_NORM -> layer(id) + "self_attn.q_norm";
      case K_NORM -> layer(id) + "self_attn.k_norm";
      case GATE -> layer(id) + "mlp.gate_proj";
      case UP -> layer(id) + "mlp.up_proj";
      case DOWN -> layer(id) + "mlp.down_proj";
    };
  }

  private static String layer(WeightId id) {
    return "model.layers." + id.layer() + ".";
  }
}
