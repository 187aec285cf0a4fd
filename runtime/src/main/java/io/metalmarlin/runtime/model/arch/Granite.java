package io.metalmarlin.runtime.model.arch;

import io.metalmarlin.formats.model.ModelConfig;
import io.metalmarlin.formats.model.Role;
import io.metalmarlin.runtime.model.Activation;
import io.metalmarlin.runtime.model.Architecture;
import io.metalmarlin.runtime.model.ModelSpec;
import io.metalmarlin.runtime.model.ModelSpec.Branch;
import io.metalmarlin.runtime.model.Rope;
import java.util.List;

/// Granite: Llama with factors of embeddings, branches, scores and logits.
///
/// Source: transformers 5.23 `models/granite/modeling_granite.py`.
public final class Granite implements Architecture {
  @Override
  public String modelType() {
    return "granite";
  }

  @Override
  public ModelSpec describe(ModelConfig config) {
    Sizes sizes = Sizes.of(config);
    Parts parts = new Parts(sizes);
    Activation activation = ConfigChecks.activation(config, "hidden_act", "silu");
    Rope rope = RopeConfig.of(config, sizes.headDim()).rope();
    boolean bias = config.flag("attention_bias", false);
    boolean mlpBias = config.flag("mlp_bias", false);
    float branch = (float) ConfigChecks.positiveNumber(config, "residual_multiplier", 1);
    double scale = ConfigChecks.positiveNumber(config, "attention_multiplier", 1);
    return new ModelDraft(config, sizes, false)
        .embeddingScale(ConfigChecks.positiveNumber(config, "embedding_multiplier", 1))
        .logitScale(1 / ConfigChecks.positiveNumber(config, "logits_scaling", 1))
        .blocks(i ->
            List.of(
                Branch.pre(
                        parts.rms(i, Role.ATTENTION_NORM),
                        parts.attention(i).biases(bias, bias).rope(rope).scale(scale).done())
                    .scaled(1, branch),
                Branch.pre(parts.rms(i, Role.MLP_NORM), parts.gatedMlp(i, activation, mlpBias))
                    .scaled(1, branch)));
  }
}
