package io.metalmarlin.formats.model.gguf;

import static io.metalmarlin.formats.model.gguf.FamilyKey.NO_ATTENTION_BIAS;
import static io.metalmarlin.formats.model.gguf.FamilyKey.NO_WINDOWS;
import static io.metalmarlin.formats.model.gguf.FamilyKey.OWN_HEAD;
import static io.metalmarlin.formats.model.gguf.FamilyKey.WINDOWS_UNUSED;
import static io.metalmarlin.formats.model.gguf.FamilyKey.built;
import static io.metalmarlin.formats.model.gguf.FamilyKey.silu;

import io.metalmarlin.formats.model.ModelConfig;
import io.metalmarlin.formats.model.gguf.FamilyKey.Refused;
import io.metalmarlin.formats.model.gguf.FamilyKey.Required;
import io.metalmarlin.formats.model.gguf.GgufFamily.Epsilon;
import io.metalmarlin.formats.model.gguf.GgufFamily.Rotary;
import io.metalmarlin.formats.model.gguf.GgufFamily.Trait;
import java.util.List;

/// Families with mixtures of experts.
final class MixtureFamilies {
  private static final FamilyKey USED = new Required("expert_used_count", "num_experts_per_tok");
  private static final FamilyKey COUNT = new ExpertCount();
  private static final FamilyKey WIDTH =
      new Required("expert_feed_forward_length", "moe_intermediate_size");

  static final GgufFamily MIXTRAL =
      FamilyDraft.of("llama", "mixtral", "MixtralForCausalLM")
          .names(
              FamilyNames.LLAMA
                  .block("ffn_gate_inp", "block_sparse_moe.gate")
                  .experts("block_sparse_moe.experts.", "w1", "w3", "w2"))
          .with(Trait.PERMUTED_HEADS, Trait.FREQUENCY_FACTORS, Trait.LONG_FACTORS)
          .base(1e6)
          .epsilon(Epsilon.rms(1e-5))
          .keys(
              silu(),
              new Required("expert_count", "num_local_experts"),
              USED,
              new CappedContext("sliding_window"));

  static final List<GgufFamily> ALL =
      List.of(
          MIXTRAL,
          FamilyDraft.of("qwen3moe", "qwen3_moe", "Qwen3MoeForCausalLM")
              .keys(
                  silu(),
                  NO_ATTENTION_BIAS,
                  WINDOWS_UNUSED,
                  COUNT,
                  USED,
                  WIDTH,
                  built("norm_topk_prob", true, false),
                  new NoDenseLayers()),
          FamilyDraft.of("qwen2moe", "qwen2_moe", "Qwen2MoeForCausalLM")
              .names(
                  FamilyNames.LLAMA
                      .block("ffn_gate_inp_shexp", "mlp.shared_expert_gate")
                      .block("ffn_gate_shexp", "mlp.shared_expert.gate_proj")
                      .block("ffn_up_shexp", "mlp.shared_expert.up_proj")
                      .block("ffn_down_shexp", "mlp.shared_expert.down_proj"))
              .keys(
                  silu(),
                  COUNT,
                  USED,
                  WIDTH,
                  new Required(
                      "expert_shared_feed_forward_length", "shared_expert_intermediate_size"),
                  built("norm_topk_prob", false, false),
                  OWN_HEAD,
                  WINDOWS_UNUSED,
                  built("qkv_bias", true, true),
                  NO_WINDOWS,
                  new NoDenseLayers()),
          FamilyDraft.of("olmoe", "olmoe", "OlmoeForCausalLM")
              .epsilon(Epsilon.rms(1e-5))
              .keys(
                  silu(),
                  COUNT,
                  USED,
                  built("norm_topk_prob", false, false),
                  OWN_HEAD,
                  new OwnKeys(),
                  new Refused(c -> c.number("clip_qkv").isPresent(), "clip_qkv"),
                  NO_ATTENTION_BIAS),
          FamilyDraft.of("glm4moe", "glm4_moe", "Glm4MoeForCausalLM")
              .names(
                  FamilyNames.LLAMA
                      .without("ffn_norm")
                      .block("post_attention_norm", "post_attention_layernorm"))
              .epsilon(Epsilon.rms(1e-5))
              .rotary(Rotary.partial(0.5))
              .keys(silu(), DenseFamilies.ATTENTION_BIAS, new Glm4MoeKeys()),
          FamilyDraft.of("gpt-oss", "gpt_oss", "GptOssForCausalLM")
              .names(
                  FamilyNames.LLAMA
                      .without("ffn_norm")
                      .block("post_attention_norm", "post_attention_layernorm")
                      .block("ffn_gate_inp", "mlp.router"))
              .with(Trait.ALTERNATING_EXPERTS, Trait.BLEND_BETWEEN_PAIRS)
              .base(150000)
              .epsilon(Epsilon.rms(1e-5))
              .keys(
                  silu(),
                  OWN_HEAD,
                  built("attention_bias", true, true),
                  new Required("expert_count", "num_local_experts"),
                  USED,
                  new Required("expert_feed_forward_length", "intermediate_size"),
                  new Refused(
                      c -> c.number("swiglu_limit").orElse(7) != 7, "swiglu_limit other than 7"),
                  new WindowPattern(2, 128)),
          FamilyDraft.of("deepseek2", "deepseek_v3", "DeepseekV3ForCausalLM")
              .types("deepseek_v3", "deepseek_v2")
              .with(Trait.LATENT)
              .keys(silu(), new Deepseek()));

  private MixtureFamilies() {}

  /// llama.cpp takes the norm of keys to be as wide as that of queries.
  private record OwnKeys() implements FamilyKey {
    @Override
    public void write(ModelConfig config, GgufKeys keys) {
      int heads = config.requireInt("num_attention_heads");
      int keyHeads = config.integer("num_key_value_heads").orElse(heads);
      if (keyHeads != heads) {
        throw keys.cannot("num_key_value_heads " + keyHeads + " of " + heads + " heads");
      }
    }

    @Override
    public void read(Reading from) {
      // The common keys say it.
    }
  }

  /// The number of experts, which transformers 5 calls otherwise.
  private record ExpertCount() implements FamilyKey {
    @Override
    public void write(ModelConfig config, GgufKeys keys) {
      boolean usual = config.integer("num_experts").isPresent();
      keys.whole("expert_count", config.requireInt(usual ? "num_experts" : "num_local_experts"));
    }

    @Override
    public void read(Reading from) {
      from.out().put("num_experts", from.keys().require("expert_count"));
    }
  }

  private record Deepseek() implements FamilyKey {
    @Override
    public void write(ModelConfig config, GgufKeys keys) {
      new DeepSeekKeys(config, keys).write();
    }

    @Override
    public void read(Reading from) {
      new DeepSeekConfig(from.file(), from.keys(), from.out()).read();
    }
  }
}
