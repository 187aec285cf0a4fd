package io.metalmarlin.formats.model.gguf;

import io.metalmarlin.formats.container.gguf.GgufValue;
import io.metalmarlin.formats.model.ModelConfig;
import java.util.List;

/// GLM 4.5: experts by sigmoids with a correction, beside shared ones, behind dense layers.
record Glm4MoeKeys() implements FamilyKey {
  private static final int SIGMOID = 2;
  private static final List<FamilyKey> PARTS =
      List.of(
          new Required("expert_count", "n_routed_experts"),
          new Required("expert_used_count", "num_experts_per_tok"),
          new Required("expert_feed_forward_length", "moe_intermediate_size"),
          new Whole("expert_shared_count", "n_shared_experts", 1),
          new Whole("leading_dense_block_count", "first_k_dense_replace", 1),
          new Whole("expert_group_count", "n_group", 1),
          new Whole("expert_group_used_count", "topk_group", 1),
          new Real("expert_weights_scale", "routed_scaling_factor", 1),
          new Flag("expert_weights_norm", "norm_topk_prob", true),
          new Present("use_qk_norm", "blk.0.attn_q_norm.weight"));

  @Override
  public void write(ModelConfig config, GgufKeys keys) {
    PARTS.forEach(p -> p.write(config, keys));
    keys.put("expert_gating_func", GgufValue.uint32(SIGMOID));
  }

  @Override
  public void read(Reading from) {
    PARTS.forEach(p -> p.read(from));
  }
}
