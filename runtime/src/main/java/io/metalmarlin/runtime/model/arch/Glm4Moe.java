package io.metalmarlin.runtime.model.arch;

import io.metalmarlin.formats.model.ModelConfig;
import io.metalmarlin.formats.model.Role;
import io.metalmarlin.runtime.model.Activation;
import io.metalmarlin.runtime.model.Architecture;
import io.metalmarlin.runtime.model.Mixer;
import io.metalmarlin.runtime.model.ModelSpec;
import io.metalmarlin.runtime.model.ModelSpec.Branch;
import io.metalmarlin.runtime.model.Rope;
import io.metalmarlin.runtime.model.Router.Groups;
import java.util.List;

/// GLM 4.5 and 4.6: a rotary embedding on half of each head, and mixtures of experts whose router
/// takes sigmoids, beside a shared MLP.
///
/// Source: transformers 5.23 `models/glm4_moe/modeling_glm4_moe.py`.
public final class Glm4Moe implements Architecture {
  @Override
  public String modelType() {
    return "glm4_moe";
  }

  @Override
  public ModelSpec describe(ModelConfig config) {
    ModelConfig c =
        ConfigDefaults.fill(
            config, "{\"moe_intermediate_size\": 1408, \"num_experts_per_tok\": 8}");
    Sizes sizes = Sizes.of(c, "rms_norm_eps", 1e-5);
    Parts parts = new Parts(sizes);
    Activation activation = ConfigChecks.activation(c, "hidden_act", "silu");
    Rope rope = RopeConfig.of(c, sizes.headDim()).partial(.5).rope();
    boolean bias = c.flag("attention_bias", false);
    boolean headNorms = c.flag("use_qk_norm", false);
    boolean normalised = c.flag("norm_topk_prob", true);
    double scale = ConfigChecks.positiveNumber(c, "routed_scaling_factor", 1);
    int dense = c.integer("first_k_dense_replace").orElse(1);
    int inner = c.requireInt("moe_intermediate_size");
    int shared = inner * ConfigChecks.positive(c, "n_shared_experts", 1);
    var counts = MixtureDraft.Counts.of(c, inner, "n_routed_experts", "num_local_experts");
    Groups groups = ExpertGroups.of(c, counts.experts(), 2);
    return new ModelDraft(c, sizes, false)
        .names(ExpertNames.CORRECTED)
        // Layers that predict a second token stand behind the model's own.
        .buffers("model\\.layers\\." + sizes.layers() + "\\..*")
        .blocks(i -> {
          AttentionDraft attention = parts.attention(i).biases(bias, false).rope(rope);
          if (headNorms) {
            attention.headNorms(parts.headRms(i, Role.Q_NORM), parts.headRms(i, Role.K_NORM));
          }
          Mixer mlp =
              i < dense
                  ? parts.gatedMlp(i, activation, false)
                  : parts
                      .mixture(i, counts, activation)
                      .sigmoid()
                      .corrected()
                      .groups(groups)
                      .normalised(normalised)
                      .scale(scale)
                      .shared(shared, false)
                      .done();
          return List.of(
              Branch.pre(parts.rms(i, Role.ATTENTION_NORM), attention.done()),
              Branch.pre(parts.rms(i, Role.MLP_NORM), mlp));
        });
  }
}
