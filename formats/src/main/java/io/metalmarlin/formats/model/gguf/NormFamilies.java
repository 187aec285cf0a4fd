package io.metalmarlin.formats.model.gguf;

import static io.metalmarlin.formats.model.gguf.FamilyKey.NO_ATTENTION_BIAS;
import static io.metalmarlin.formats.model.gguf.FamilyKey.OWN_HEAD;
import static io.metalmarlin.formats.model.gguf.FamilyKey.SHARED_WIDTH;
import static io.metalmarlin.formats.model.gguf.FamilyKey.activation;
import static io.metalmarlin.formats.model.gguf.FamilyKey.built;
import static io.metalmarlin.formats.model.gguf.FamilyKey.silu;

import io.metalmarlin.formats.model.gguf.FamilyKey.Flag;
import io.metalmarlin.formats.model.gguf.FamilyKey.Real;
import io.metalmarlin.formats.model.gguf.GgufFamily.Epsilon;
import io.metalmarlin.formats.model.gguf.GgufFamily.Rotary;
import io.metalmarlin.formats.model.gguf.GgufFamily.Trait;
import java.util.List;

/// Families with layer norms and names like Llama's.
final class NormFamilies {
  /// What ggml's GELU is, by the names of configurations.
  static final String[] TANH = {"gelu_new", "gelu_pytorch_tanh", "gelu_fast"};

  static final List<GgufFamily> ALL =
      List.of(
          FamilyDraft.of("starcoder2", "starcoder2", "Starcoder2ForCausalLM")
              .names(
                  FamilyNames.LLAMA
                      .without("ffn_gate")
                      .block("ffn_up", "mlp.c_fc")
                      .block("ffn_down", "mlp.c_proj"))
              .with(Trait.TIED)
              .epsilon(Epsilon.layer("norm_epsilon"))
              .keys(
                  activation("hidden_act", "gelu_pytorch_tanh", "gelu_pytorch_tanh", "gelu_new"),
                  built("use_bias", true, true),
                  SHARED_WIDTH,
                  new CappedContext("sliding_window")),
          FamilyDraft.of("stablelm", "stablelm", "StableLmForCausalLM")
              .epsilon(Epsilon.layer("layer_norm_eps"))
              .rotary(Rotary.partial(0.25))
              .keys(
                  silu(),
                  built("qk_layernorm", false, false),
                  OWN_HEAD,
                  new FamilyKey.Present("use_qkv_bias", "blk.0.attn_q.bias"),
                  new Flag("use_parallel_residual", "use_parallel_residual", false)),
          FamilyDraft.of("nemotron", "nemotron", "NemotronForCausalLM")
              .names(FamilyNames.LLAMA.without("ffn_gate"))
              .with(Trait.NORMS_PLUS_ONE)
              .epsilon(Epsilon.layer("norm_eps"))
              .rotary(Rotary.partial(0.5))
              .keys(
                  activation("hidden_act", "relu2", "relu2"),
                  OWN_HEAD,
                  SHARED_WIDTH,
                  DenseFamilies.ATTENTION_BIAS,
                  new FamilyKey.Present("mlp_bias", "blk.0.ffn_up.bias")),
          FamilyDraft.of("cohere2", "cohere2", "Cohere2ForCausalLM")
              .names(FamilyNames.LLAMA.without("ffn_norm"))
              .with(Trait.TIED)
              .epsilon(Epsilon.layer("layer_norm_eps"))
              .keys(
                  silu(),
                  built("tie_word_embeddings", true, true),
                  NO_ATTENTION_BIAS,
                  new Real("logit_scale", "logit_scale", 0.0625),
                  new WindowPattern(4, 4096)),
          FamilyDraft.of("phi2", "phi", "PhiForCausalLM")
              .names(
                  FamilyNames.LLAMA
                      .without("ffn_gate", "ffn_norm")
                      .outside("output_norm", "model.final_layernorm")
                      .block("attn_output", "self_attn.dense")
                      .block("ffn_up", "mlp.fc1")
                      .block("ffn_down", "mlp.fc2"))
              .epsilon(Epsilon.layer("layer_norm_eps"))
              .rotary(Rotary.partial(0.5))
              .keys(
                  activation("hidden_act", "gelu_new", TANH),
                  built("qk_layernorm", false, false),
                  OWN_HEAD));

  private NormFamilies() {}
}
