package io.metalmarlin.runtime.model.arch;

import io.metalmarlin.formats.model.ModelConfig;
import io.metalmarlin.formats.model.NameTable;
import io.metalmarlin.formats.model.Role;
import io.metalmarlin.runtime.model.Activation;
import io.metalmarlin.runtime.model.Architecture;
import io.metalmarlin.runtime.model.ModelSpec;
import io.metalmarlin.runtime.model.ModelSpec.Branch;
import io.metalmarlin.runtime.model.Rope;
import java.util.List;

/// GLM-4: norms before and behind each branch, gate and up in one matrix, a rotary embedding of
/// half of each head on neighbouring pairs, biases on queries, keys and values.
///
/// Source: transformers 5.23 `models/glm4/modeling_glm4.py`.
public final class Glm4 implements Architecture {
  private static final NameTable NAMES =
      NameTable.LLAMA
          .with(Role.POST_ATTENTION_NORM, "post_self_attn_layernorm")
          .with(Role.POST_MLP_NORM, "post_mlp_layernorm");

  @Override
  public String modelType() {
    return "glm4";
  }

  @Override
  public ModelSpec describe(ModelConfig config) {
    Sizes sizes =
        Sizes.of(ConfigDefaults.fill(config, "{\"head_dim\": 128}"), "rms_norm_eps", 1.5625e-7);
    Parts parts = new Parts(sizes);
    Activation activation = ConfigChecks.activation(config, "hidden_act", "silu");
    Rope rope = RopeConfig.of(config, sizes.headDim()).partial(0.5).rope().onNeighbours();
    boolean bias = config.flag("attention_bias", true);
    return new ModelDraft(config, sizes, false)
        .names(NAMES)
        .blocks(i ->
            List.of(
                Branch.sandwich(
                    parts.rms(i, Role.ATTENTION_NORM),
                    parts.attention(i).biases(bias, false).rope(rope).done(),
                    parts.rms(i, Role.POST_ATTENTION_NORM)),
                Branch.sandwich(
                    parts.rms(i, Role.MLP_NORM),
                    parts.fusedMlp(i, activation, false),
                    parts.rms(i, Role.POST_MLP_NORM))));
  }
}
