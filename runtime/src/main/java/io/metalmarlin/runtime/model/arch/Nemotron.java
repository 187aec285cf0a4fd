package io.metalmarlin.runtime.model.arch;

import io.metalmarlin.formats.model.ModelConfig;
import io.metalmarlin.formats.model.Role;
import io.metalmarlin.formats.model.WeightId;
import io.metalmarlin.runtime.model.Activation;
import io.metalmarlin.runtime.model.Architecture;
import io.metalmarlin.runtime.model.ModelSpec;
import io.metalmarlin.runtime.model.ModelSpec.Branch;
import io.metalmarlin.runtime.model.Rope;
import java.util.List;

/// Nemotron: layer norms with `1 + weight`, a plain MLP with a squared ReLU, a rotary embedding of
/// half of each head.
///
/// Source: transformers 5.23 `models/nemotron/modeling_nemotron.py`.
public final class Nemotron implements Architecture {
  @Override
  public String modelType() {
    return "nemotron";
  }

  @Override
  public ModelSpec describe(ModelConfig config) {
    Sizes sizes = Sizes.of(config, "norm_eps", 1e-5);
    Parts parts = new Parts(sizes);
    Activation activation = ConfigChecks.activation(config, "hidden_act", "relu2");
    Rope rope = RopeConfig.of(config, sizes.headDim()).partial(0.5).rope();
    boolean bias = config.flag("attention_bias", false);
    boolean mlpBias = config.flag("mlp_bias", false);
    return new ModelDraft(config, sizes, false)
        .finalNorm(parts.layerNorm(WeightId.OUTSIDE, Role.FINAL_NORM, true).plusOne())
        .blocks(i ->
            List.of(
                Branch.pre(
                    parts.layerNorm(i, Role.ATTENTION_NORM, true).plusOne(),
                    parts.attention(i).biases(bias, bias).rope(rope).done()),
                Branch.pre(
                    parts.layerNorm(i, Role.MLP_NORM, true).plusOne(),
                    parts.plainMlp(i, activation, mlpBias))));
  }
}
