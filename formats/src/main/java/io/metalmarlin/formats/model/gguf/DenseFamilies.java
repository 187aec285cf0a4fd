package io.metalmarlin.formats.model.gguf;

import static io.metalmarlin.formats.model.gguf.FamilyKey.NO_ATTENTION_BIAS;
import static io.metalmarlin.formats.model.gguf.FamilyKey.NO_WINDOWS;
import static io.metalmarlin.formats.model.gguf.FamilyKey.OWN_HEAD;
import static io.metalmarlin.formats.model.gguf.FamilyKey.SHARED_WIDTH;
import static io.metalmarlin.formats.model.gguf.FamilyKey.WINDOWS_UNUSED;
import static io.metalmarlin.formats.model.gguf.FamilyKey.built;
import static io.metalmarlin.formats.model.gguf.FamilyKey.silu;

import io.metalmarlin.formats.model.gguf.FamilyKey.Present;
import io.metalmarlin.formats.model.gguf.FamilyKey.Real;
import io.metalmarlin.formats.model.gguf.GgufFamily.Epsilon;
import io.metalmarlin.formats.model.gguf.GgufFamily.Rotary;
import io.metalmarlin.formats.model.gguf.GgufFamily.Trait;
import java.util.List;
import java.util.Map;

/// Llama and the families that differ from it in keys and names: RMS norms, gated MLPs.
final class DenseFamilies {
  static final FamilyKey ATTENTION_BIAS = new Present("attention_bias", "blk.0.attn_q.bias");
  private static final FamilyKey MLP_BIAS = new Present("mlp_bias", "blk.0.ffn_gate.bias");

  static final GgufFamily LLAMA =
      FamilyDraft.of("llama", "llama", "LlamaForCausalLM")
          .types("llama", "mistral")
          .with(Trait.PERMUTED_HEADS, Trait.FREQUENCY_FACTORS, Trait.LONG_FACTORS)
          .keys(silu(), ATTENTION_BIAS, MLP_BIAS, new CappedContext("sliding_window"));

  static final List<GgufFamily> ALL =
      List.of(
          LLAMA,
          FamilyDraft.of("qwen2", "qwen2", "Qwen2ForCausalLM")
              .keys(silu(), WINDOWS_UNUSED, NO_WINDOWS, SHARED_WIDTH),
          FamilyDraft.of("qwen3", "qwen3", "Qwen3ForCausalLM")
              .keys(silu(), NO_ATTENTION_BIAS, WINDOWS_UNUSED, NO_WINDOWS),
          FamilyDraft.of("gemma3", "gemma3_text", "Gemma3ForCausalLM")
              .names(FamilyNames.SANDWICH)
              .base(1e6)
              .with(Trait.NORMS_PLUS_ONE, Trait.TIED)
              .spelling(Map.of(), Gemma3Keys::oneRope)
              .keys(NO_ATTENTION_BIAS, new Gemma3Keys()),
          FamilyDraft.of("gemma2", "gemma2", "Gemma2ForCausalLM")
              .names(FamilyNames.SANDWICH)
              .with(Trait.NORMS_PLUS_ONE, Trait.TIED)
              .keys(built("tie_word_embeddings", true, true), new Gemma2Keys()),
          FamilyDraft.of("granite", "granite", "GraniteForCausalLM")
              .with(Trait.PERMUTED_HEADS, Trait.FREQUENCY_FACTORS, Trait.LONG_FACTORS)
              .keys(
                  silu(),
                  ATTENTION_BIAS,
                  MLP_BIAS,
                  new Real("attention.scale", "attention_multiplier", 1),
                  new Real("embedding_scale", "embedding_multiplier", 1),
                  new Real("residual_scale", "residual_multiplier", 1),
                  new Real("logit_scale", "logits_scaling", 1)),
          FamilyDraft.of("smollm3", "smollm3", "SmolLM3ForCausalLM")
              .base(2e6)
              .with(Trait.PERMUTED_HEADS, Trait.TIED)
              .keys(
                  silu(),
                  NO_ATTENTION_BIAS,
                  built("mlp_bias", false, false),
                  WINDOWS_UNUSED,
                  NO_WINDOWS,
                  new RopeInterval(4)),
          FamilyDraft.of("ernie4_5", "ernie4_5", "Ernie4_5ForCausalLM")
              .base(500000)
              .with(Trait.TIED)
              .epsilon(Epsilon.rms(1e-5))
              .keys(silu(), built("use_bias", false, false)),
          FamilyDraft.of("hunyuan-dense", "hunyuan_v1_dense", "HunYuanDenseV1ForCausalLM")
              .names(
                  FamilyNames.LLAMA
                      .block("attn_q_norm", "self_attn.query_layernorm")
                      .block("attn_k_norm", "self_attn.key_layernorm"))
              .epsilon(Epsilon.rms(1e-5))
              .keys(silu(), NO_ATTENTION_BIAS),
          FamilyDraft.of("olmo2", "olmo2", "Olmo2ForCausalLM")
              .names(FamilyNames.BEHIND.without("attn_norm"))
              .epsilon(Epsilon.rms(1e-5))
              .keys(silu(), NO_ATTENTION_BIAS, OWN_HEAD),
          FamilyDraft.of("exaone4", "exaone4", "Exaone4ForCausalLM")
              .names(FamilyNames.BEHIND.without("attn_norm"))
              .with(Trait.FREQUENCY_FACTORS)
              .epsilon(Epsilon.rms(1e-5))
              .keys(silu(), new Exaone4Keys()),
          FamilyDraft.of("glm4", "glm4", "Glm4ForCausalLM")
              .names(
                  FamilyNames.LLAMA
                      .without("ffn_gate")
                      .block("ffn_up", "mlp.gate_up_proj")
                      .block("post_attention_norm", "post_self_attn_layernorm")
                      .block("post_ffw_norm", "post_mlp_layernorm"))
              .epsilon(Epsilon.rms(1.5625e-7))
              .rotary(Rotary.partial(0.5))
              .keys(silu(), ATTENTION_BIAS),
          FamilyDraft.of("phi3", "phi3", "Phi3ForCausalLM")
              .names(FamilyNames.LLAMA.without("ffn_gate").block("ffn_up", "mlp.gate_up_proj"))
              .with(Trait.LONG_FACTORS)
              .epsilon(Epsilon.rms(1e-5))
              .rotary(Rotary.partial(1))
              .keys(silu(), new CappedContext("sliding_window")));

  private DenseFamilies() {}
}
