package io.metalmarlin.formats.model.gguf;

import io.metalmarlin.formats.container.gguf.GgufValue;
import io.metalmarlin.formats.model.ModelConfig;
import java.util.List;

/// The keys that only DeepSeek V2 and V3 have. Attention counts as one key head of the latent's and
/// the rotated part's width; the true widths are the `_mla` ones.
record DeepSeekKeys(ModelConfig config, GgufKeys keys) {
  private static final int SOFTMAX = 1;
  private static final int SIGMOID = 2;

  void write() {
    refuse();
    int rope = config.requireInt("qk_rope_head_dim");
    int latent = config.requireInt("kv_lora_rank");
    config.integer("q_lora_rank").ifPresent(n -> keys.whole("attention.q_lora_rank", n));
    keys.whole("attention.kv_lora_rank", latent);
    keys.whole("attention.key_length", latent + (long) rope);
    keys.whole("attention.value_length", latent);
    keys.whole("attention.key_length_mla", config.requireInt("qk_nope_head_dim") + (long) rope);
    keys.whole("attention.value_length_mla", config.requireInt("v_head_dim"));
    keys.whole("rope.dimension_count", rope);
    experts();
  }

  /// llama.cpp knows the models without latent queries by their layers, norms latents with the
  /// epsilon of all norms (where it is transformers' own for them or near it, nothing changes), and
  /// lets an angle grow by YaRN with DeepSeek's factors only.
  private void refuse() {
    int layers = config.requireInt("num_hidden_layers");
    if (config.integer("q_lora_rank").isEmpty() && layers != 26 && layers != 27) {
      throw keys.cannot("q_lora_rank null with " + layers + " layers (26 or 27 are known)");
    }
    for (String bias : List.of("attention_bias", "mlp_bias")) {
      if (config.flag(bias, false)) {
        throw keys.cannot(bias + " true");
      }
    }
    double epsilon = config.number("rms_norm_eps").orElse(1e-6);
    if (epsilon > 1e-5) {
      throw keys.cannot("rms_norm_eps " + epsilon);
    }
    if (v3() && !config.flag("rope_interleave", true)) {
      throw keys.cannot("rope_interleave false");
    }
    if (!v3()
        && config.text("topk_method").orElse("greedy").equals("group_limited_greedy")
        && config.integer("n_group").orElse(1) > 1) {
      throw keys.cannot("topk_method \"group_limited_greedy\"");
    }
  }

  private boolean v3() {
    return config.modelType().equals("deepseek_v3");
  }

  private void experts() {
    String scoring = config.text("scoring_func").orElse(v3() ? "sigmoid" : "softmax");
    keys.whole("leading_dense_block_count", config.integer("first_k_dense_replace").orElse(0));
    keys.whole("expert_count", config.requireInt("n_routed_experts"));
    keys.whole("expert_used_count", config.requireInt("num_experts_per_tok"));
    keys.whole("expert_feed_forward_length", config.requireInt("moe_intermediate_size"));
    keys.whole("expert_shared_count", config.integer("n_shared_experts").orElse(0));
    keys.real("expert_weights_scale", config.number("routed_scaling_factor").orElse(1));
    keys.put("expert_weights_norm", GgufValue.of(config.flag("norm_topk_prob", v3())));
    keys.whole(
        "expert_gating_func",
        switch (scoring) {
          case "softmax" -> SOFTMAX;
          case "sigmoid" -> SIGMOID;
          default -> throw keys.cannot("scoring_func \"" + scoring + "\"");
        });
    // V2 chooses among all experts, whatever it says of groups.
    if (v3()) {
      config.integer("n_group").ifPresent(n -> keys.whole("expert_group_count", n));
      config.integer("topk_group").ifPresent(n -> keys.whole("expert_group_used_count", n));
    }
    if (config.integer("moe_layer_freq").orElse(1) != 1) {
      throw keys.cannot("moe_layer_freq " + config.root().get("moe_layer_freq"));
    }
  }
}
