package io.metalmarlin.runtime.model.arch;

import io.metalmarlin.formats.model.ModelConfig;
import io.metalmarlin.formats.model.Role;
import io.metalmarlin.runtime.model.Activation;
import io.metalmarlin.runtime.model.Architecture;
import io.metalmarlin.runtime.model.ModelSpec;
import io.metalmarlin.runtime.model.ModelSpec.Branch;
import io.metalmarlin.runtime.model.Rope;
import java.util.List;

/// Llama: grouped-query attention, SiLU-gated MLP, RMS norms, rotary embedding on halves.
///
/// Source: transformers 5.23 `models/llama/modeling_llama.py`.
public final class Llama implements Architecture {
  @Override
  public String modelType() {
    return "llama";
  }

  @Override
  public ModelSpec describe(ModelConfig config) {
    Sizes sizes = Sizes.of(config);
    Parts parts = new Parts(sizes);
    ConfigChecks.onlyFullAttention(config, sizes.layers());
    Activation activation = ConfigChecks.activation(config, "hidden_act", "silu");
    Rope rope = RopeConfig.of(config, sizes.headDim()).rope();
    boolean bias = config.flag("attention_bias", false);
    boolean mlpBias = config.flag("mlp_bias", false);
    return new ModelDraft(config, sizes, false)
        .blocks(i ->
            List.of(
                Branch.pre(
                    parts.rms(i, Role.ATTENTION_NORM),
                    parts.attention(i).biases(bias, bias).rope(rope).done()),
                Branch.pre(parts.rms(i, Role.MLP_NORM), parts.gatedMlp(i, activation, mlpBias))));
  }
}
