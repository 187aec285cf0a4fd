package io.metalmarlin.runtime.model.arch;

import io.metalmarlin.formats.model.ModelConfig;
import io.metalmarlin.formats.model.NameTable;
import io.metalmarlin.formats.model.Role;
import io.metalmarlin.formats.model.WeightId;
import io.metalmarlin.runtime.model.Activation;
import io.metalmarlin.runtime.model.Architecture;
import io.metalmarlin.runtime.model.ModelSpec;
import io.metalmarlin.runtime.model.ModelSpec.Branch;
import io.metalmarlin.runtime.model.Norm;
import io.metalmarlin.runtime.model.Rope;
import java.util.List;
import java.util.function.IntFunction;

/// StableLM: Llama with layer norms, a rotary embedding of a part of each head, and as the
/// configuration asks a parallel residual, biases of q, k and v, and a norm of its own for every
/// head.
///
/// Source: transformers 5.23 `models/stablelm/modeling_stablelm.py`.
public final class StableLm implements Architecture {
  private static final NameTable NAMES =
      NameTable.LLAMA
          .with(Role.Q_NORM, "self_attn.q_layernorm.norms.{e}")
          .with(Role.K_NORM, "self_attn.k_layernorm.norms.{e}");

  @Override
  public String modelType() {
    return "stablelm";
  }

  @Override
  public ModelSpec describe(ModelConfig config) {
    Sizes sizes = Sizes.of(config, "layer_norm_eps", 1e-5);
    Parts parts = new Parts(sizes);
    Activation activation = ConfigChecks.activation(config, "hidden_act", "silu");
    Rope rope = RopeConfig.of(config, sizes.headDim()).partial(0.25).rope();
    boolean bias = config.flag("use_qkv_bias", false);
    boolean parallel = config.flag("use_parallel_residual", false);
    boolean headNorms = config.flag("qk_layernorm", false);
    IntFunction<List<Branch>> branches =
        i -> {
          AttentionDraft attention = parts.attention(i).biases(bias, false).rope(rope);
          if (headNorms) {
            attention.headNorms(
                perHead(i, Role.Q_NORM, sizes.heads(), sizes),
                perHead(i, Role.K_NORM, sizes.kvHeads(), sizes));
          }
          Norm second = parts.layerNorm(i, parallel ? Role.ATTENTION_NORM : Role.MLP_NORM, true);
          return List.of(
              Branch.pre(parts.layerNorm(i, Role.ATTENTION_NORM, true), attention.done()),
              Branch.pre(second, parts.gatedMlp(i, activation, false)));
        };
    ModelDraft draft =
        new ModelDraft(config, sizes, false)
            .names(NAMES)
            .finalNorm(parts.layerNorm(WeightId.OUTSIDE, Role.FINAL_NORM, true));
    return parallel ? draft.parallelBlocks(branches) : draft.blocks(branches);
  }

  private static Norm perHead(int layer, Role role, int heads, Sizes sizes) {
    return Norm.layer(new WeightId(layer, role), heads * sizes.headDim(), sizes.epsilon(), false)
        .perHead(heads);
  }
}
