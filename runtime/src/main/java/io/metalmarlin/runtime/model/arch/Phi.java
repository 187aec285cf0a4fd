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

/// Phi (1, 1.5 and 2): both branches in parallel behind one layer norm, a rotary embedding of a
/// part of each head, biases on every linear, the head's among them.
///
/// Source: transformers 5.23 `models/phi/modeling_phi.py`.
public final class Phi implements Architecture {
  private static final NameTable NAMES =
      NameTable.LLAMA
          .with(Role.O, "self_attn.dense")
          .with(Role.Q_NORM, "self_attn.q_layernorm")
          .with(Role.K_NORM, "self_attn.k_layernorm")
          .with(Role.UP, "mlp.fc1")
          .with(Role.DOWN, "mlp.fc2")
          .with(Role.FINAL_NORM, "model.final_layernorm");

  @Override
  public String modelType() {
    return "phi";
  }

  @Override
  public ModelSpec describe(ModelConfig config) {
    Sizes sizes = Sizes.of(config, "layer_norm_eps", 1e-5);
    Parts parts = new Parts(sizes);
    Activation activation = ConfigChecks.activation(config, "hidden_act", "gelu_new");
    Rope rope = RopeConfig.of(config, sizes.headDim()).partial(0.5).rope();
    boolean headNorms = config.flag("qk_layernorm", false);
    return new ModelDraft(config, sizes, false)
        .names(NAMES)
        .headBias(true)
        .finalNorm(parts.layerNorm(WeightId.OUTSIDE, Role.FINAL_NORM, true))
        .parallelBlocks(i -> {
          AttentionDraft attention = parts.attention(i).biases(true, true).rope(rope);
          if (headNorms) {
            attention.headNorms(headNorm(i, Role.Q_NORM, sizes), headNorm(i, Role.K_NORM, sizes));
          }
          return List.of(
              Branch.pre(parts.layerNorm(i, Role.ATTENTION_NORM, true), attention.done()),
              Branch.pre(
                  parts.layerNorm(i, Role.ATTENTION_NORM, true),
                  parts.plainMlp(i, activation, true)));
        });
  }

  private static Norm headNorm(int layer, Role role, Sizes sizes) {
    return Norm.layer(new WeightId(layer, role), sizes.headDim(), sizes.epsilon(), true);
  }
}
