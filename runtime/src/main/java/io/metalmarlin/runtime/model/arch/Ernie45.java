package io.metalmarlin.runtime.model.arch;

import io.metalmarlin.formats.model.ModelConfig;
import io.metalmarlin.formats.model.Role;
import io.metalmarlin.runtime.model.Activation;
import io.metalmarlin.runtime.model.Architecture;
import io.metalmarlin.runtime.model.ModelSpec;
import io.metalmarlin.runtime.model.ModelSpec.Branch;
import io.metalmarlin.runtime.model.Rope;
import java.util.List;

/// ERNIE 4.5 (dense): Llama with a rotary embedding on neighbouring pairs.
///
/// Source: transformers 5.23 `models/ernie4_5/modeling_ernie4_5.py`.
public final class Ernie45 implements Architecture {
  @Override
  public String modelType() {
    return "ernie4_5";
  }

  @Override
  public ModelSpec describe(ModelConfig config) {
    ModelConfig c = ConfigDefaults.fill(config, "{\"head_dim\": 128, \"num_key_value_heads\": 2}");
    Sizes sizes = Sizes.of(c, "rms_norm_eps", 1e-5);
    Parts parts = new Parts(sizes);
    Activation activation = ConfigChecks.activation(c, "hidden_act", "silu");
    Rope rope = RopeConfig.of(c, sizes.headDim()).theta("rope_theta", 500000).rope().onNeighbours();
    boolean bias = c.flag("use_bias", false);
    return new ModelDraft(c, sizes, true)
        .blocks(i ->
            List.of(
                Branch.pre(
                    parts.rms(i, Role.ATTENTION_NORM),
                    parts.attention(i).biases(bias, bias).rope(rope).done()),
                Branch.pre(parts.rms(i, Role.MLP_NORM), parts.gatedMlp(i, activation, bias))));
  }
}
