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

/// OLMo 2: norms behind the branches instead of before them, and norms over all heads of queries
/// and of keys.
///
/// Source: transformers 5.23 `models/olmo2/modeling_olmo2.py`.
public final class Olmo2 implements Architecture {
  @Override
  public String modelType() {
    return "olmo2";
  }

  @Override
  public ModelSpec describe(ModelConfig config) {
    Sizes sizes = Sizes.of(config, "rms_norm_eps", 1e-5);
    Parts parts = new Parts(sizes);
    Activation activation = ConfigChecks.activation(config, "hidden_act", "silu");
    Rope rope = RopeConfig.of(config, sizes.headDim()).rope();
    boolean bias = config.flag("attention_bias", false);
    int queries = sizes.heads() * sizes.headDim();
    int keys = sizes.kvHeads() * sizes.headDim();
    return new ModelDraft(config, sizes, false)
        .names(NameTable.BEHIND)
        .blocks(i ->
            List.of(
                Branch.post(
                    parts
                        .attention(i)
                        .biases(bias, bias)
                        .headNorms(
                            Norm.rms(new WeightId(i, Role.Q_NORM), queries, sizes.epsilon()),
                            Norm.rms(new WeightId(i, Role.K_NORM), keys, sizes.epsilon()))
                        .rope(rope)
                        .done(),
                    parts.rms(i, Role.POST_ATTENTION_NORM)),
                Branch.post(
                    parts.gatedMlp(i, activation, false), parts.rms(i, Role.POST_MLP_NORM))));
  }
}
