package io.metalmarlin.runtime.model.arch;

import io.metalmarlin.formats.model.ModelConfig;
import io.metalmarlin.formats.model.Role;
import io.metalmarlin.runtime.model.Activation;
import io.metalmarlin.runtime.model.Architecture;
import io.metalmarlin.runtime.model.Mixer;
import io.metalmarlin.runtime.model.ModelSpec;
import io.metalmarlin.runtime.model.ModelSpec.Branch;
import io.metalmarlin.runtime.model.Rope;
import io.metalmarlin.runtime.model.Span;
import java.util.List;
import java.util.Set;

/// Qwen2 MoE: Qwen2 with mixtures of experts beside a shared MLP that is weighted by the token.
///
/// Source: transformers 5.23 `models/qwen2_moe/modeling_qwen2_moe.py`.
public final class Qwen2Moe implements Architecture {
  @Override
  public String modelType() {
    return "qwen2_moe";
  }

  @Override
  public ModelSpec describe(ModelConfig config) {
    ModelConfig c =
        ConfigDefaults.fill(
            config,
            """
            {"moe_intermediate_size": 1408, "shared_expert_intermediate_size": 5632,
             "num_experts_per_tok": 4, "sliding_window": 4096, "max_window_layers": 28}\
            """);
    Sizes sizes = Sizes.of(c);
    Parts parts = new Parts(sizes);
    Activation activation = ConfigChecks.activation(c, "hidden_act", "silu");
    Rope rope = RopeConfig.of(c, sizes.headDim()).rope();
    // Unlike the dense family: every second layer, below max_window_layers.
    boolean windows = c.flag("use_sliding_window", false);
    int last = c.integer("max_window_layers").orElse(28);
    List<Span> spans =
        LayerSpans.of(c, sizes.layers(), layer -> windows && layer % 2 == 0 && layer < last);
    Set<Integer> sparse = SparseLayers.qwen(c, sizes.layers());
    int shared = c.requireInt("shared_expert_intermediate_size");
    boolean normalised = c.flag("norm_topk_prob", false);
    boolean bias = c.flag("qkv_bias", true);
    var counts = MixtureDraft.Counts.qwen(c, sparse);
    return new ModelDraft(c, sizes, false)
        .names(ExpertNames.QWEN_SHARED)
        .blocks(i -> {
          Mixer mlp =
              sparse.contains(i)
                  ? parts
                      .mixture(i, counts, activation)
                      .normalised(normalised)
                      .shared(shared, true)
                      .done()
                  : parts.gatedMlp(i, activation, false);
          return List.of(
              Branch.pre(
                  parts.rms(i, Role.ATTENTION_NORM),
                  parts.attention(i).biases(bias, false).rope(rope).span(spans.get(i)).done()),
              Branch.pre(parts.rms(i, Role.MLP_NORM), mlp));
        });
  }
}
