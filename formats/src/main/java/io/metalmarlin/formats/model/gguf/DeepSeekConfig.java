package io.metalmarlin.formats.model.gguf;

import io.metalmarlin.formats.container.gguf.GgufCheckpoint;
import tools.jackson.databind.node.ObjectNode;

/// What a configuration of DeepSeek V2 and V3 has beyond the common keys: latent attention, routed
/// and shared experts.
///
/// Current files have `key_length = kv_lora_rank + rope` with the true widths in `key_length_mla`
/// and `value_length_mla`; old ones have the true widths in `key_length` and `value_length`.
record DeepSeekConfig(GgufCheckpoint file, KeyReader keys, ObjectNode out) {
  private static final int SIGMOID = 2;

  void read() {
    boolean v3 =
        keys.whole("expert_gating_func").orElse(1) == SIGMOID
            || file.tensors().keySet().stream().anyMatch(n -> n.endsWith(".exp_probs_b.bias"));
    if (!v3) {
      out.putArray("architectures").add("DeepseekV2ForCausalLM");
      out.put("model_type", "deepseek_v2");
    }
    out.put("num_key_value_heads", keys.require("attention.head_count"));
    attention();
    experts(v3);
  }

  private void attention() {
    int rope = keys.require("rope.dimension_count");
    int key =
        keys.whole("attention.key_length_mla")
            .orElseGet(() -> keys.require("attention.key_length"));
    int value =
        keys.whole("attention.value_length_mla")
            .orElseGet(() -> keys.require("attention.value_length"));
    if (key <= rope) {
      throw keys.malformed(
          "keys of %d elements have no room for %d rotated ones".formatted(key, rope));
    }
    if (keys.whole("attention.q_lora_rank").orElse(0) > 0) {
      out.put("q_lora_rank", keys.require("attention.q_lora_rank"));
    } else {
      out.putNull("q_lora_rank");
    }
    out.put("kv_lora_rank", keys.require("attention.kv_lora_rank"));
    out.put("qk_rope_head_dim", rope);
    out.put("qk_nope_head_dim", key - rope);
    out.put("v_head_dim", value);
    out.put("attention_bias", file.tensors().containsKey("blk.0.attn_q_a.bias"));
  }

  private void experts(boolean v3) {
    out.put("n_routed_experts", keys.require("expert_count"));
    out.put("num_experts_per_tok", keys.require("expert_used_count"));
    out.put("moe_intermediate_size", keys.require("expert_feed_forward_length"));
    out.put("n_shared_experts", keys.whole("expert_shared_count").orElse(0));
    out.put("first_k_dense_replace", keys.whole("leading_dense_block_count").orElse(0));
    out.put("moe_layer_freq", 1);
    out.put("routed_scaling_factor", keys.real("expert_weights_scale").orElse(1.0));
    out.put("norm_topk_prob", keys.flag("expert_weights_norm").orElse(v3));
    out.put("scoring_func", v3 ? "sigmoid" : "softmax");
    int groups = keys.whole("expert_group_count").orElse(1);
    out.put("n_group", groups);
    out.put("topk_group", keys.whole("expert_group_used_count").orElse(1));
    out.put("topk_method", v3 ? "noaux_tc" : groups > 1 ? "group_limited_greedy" : "greedy");
  }
}
