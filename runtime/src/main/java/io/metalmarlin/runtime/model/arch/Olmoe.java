package io.metalmarlin.runtime.model.arch;

import io.metalmarlin.formats.model.ModelConfig;
import io.metalmarlin.formats.model.Role;
import io.metalmarlin.formats.model.WeightId;
import io.metalmarlin.runtime.model.Activation;
import io.metalmarlin.runtime.model.Architecture;
import io.metalmarlin.runtime.model.ModelSpec;
import io.metalmarlin.runtime.model.ModelSpec.Branch;
import io.metalmarlin.runtime.model.Norm;
import io.metalmarlin.runtime.model.Rope;
import java.util.List;

/// OLMoE: Llama with mixtures of experts, and norms over all heads of queries and of keys.
///
/// Source: transformers 5.23 `models/olmoe/modeling_olmoe.py`.
public final class Olmoe implements Architecture {
  @Override
  public String modelType() {
    return "olmoe";
  }

  @Override
  public ModelSpec describe(ModelConfig config) {
    ModelConfig c = ConfigDefaults.fill(config, "{\"num_experts_per_tok\": 8}");
    if (c.number("clip_qkv").isPresent()) {
      throw ConfigChecks.unsupported(c, "clip_qkv " + c.number("clip_qkv").getAsDouble());
    }
    Sizes sizes = Sizes.of(c, "rms_norm_eps", 1e-5);
    Parts parts = new Parts(sizes);
    Activation activation = ConfigChecks.activation(c, "hidden_act", "silu");
    Rope rope = RopeConfig.of(c, sizes.headDim()).rope();
    boolean bias = c.flag("attention_bias", false);
    boolean normalised = c.flag("norm_topk_prob", false);
    int queries = sizes.heads() * sizes.headDim();
    int keys = sizes.kvHeads() * sizes.headDim();
    var counts = MixtureDraft.Counts.of(c, sizes.inner(), "num_experts", "num_local_experts");
    return new ModelDraft(c, sizes, false)
        .names(ExpertNames.QWEN)
        .blocks(i ->
            List.of(
                Branch.pre(
                    parts.rms(i, Role.ATTENTION_NORM),
                    parts
                        .attention(i)
                        .biases(bias, bias)
                        .headNorms(
                            Norm.rms(new WeightId(i, Role.Q_NORM), queries, sizes.epsilon()),
                            Norm.rms(new WeightId(i, Role.K_NORM), keys, sizes.epsilon()))
                        .rope(rope)
                        .done()),
                Branch.pre(
                    parts.rms(i, Role.MLP_NORM),
                    parts.mixture(i, counts, activation).normalised(normalised).done())));
  }
}
