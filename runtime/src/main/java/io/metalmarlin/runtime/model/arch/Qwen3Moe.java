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

/// Qwen3 MoE: Qwen3 with mixtures of experts.
///
/// Source: transformers 5.23 `models/qwen3_moe/modeling_qwen3_moe.py`.
public final class Qwen3Moe implements Architecture {
  @Override
  public String modelType() {
    return "qwen3_moe";
  }

  @Override
  public ModelSpec describe(ModelConfig config) {
    ModelConfig c =
        ConfigDefaults.fill(
            config,
            """
            {"moe_intermediate_size": 768, "num_experts_per_tok": 8, "sliding_window": 4096,
             "num_key_value_heads": 4}\
            """);
    Sizes sizes = Sizes.of(c);
    Parts parts = new Parts(sizes);
    Activation activation = ConfigChecks.activation(c, "hidden_act", "silu");
    Rope rope = RopeConfig.of(c, sizes.headDim()).rope();
    boolean windows = c.flag("use_sliding_window", false);
    List<Span> spans = LayerSpans.of(c, sizes.layers(), layer -> windows);
    Set<Integer> sparse = SparseLayers.qwen(c, sizes.layers());
    boolean normalised = c.flag("norm_topk_prob", false);
    boolean bias = c.flag("attention_bias", false);
    var counts = MixtureDraft.Counts.qwen(c, sparse);
    return new ModelDraft(c, sizes, false)
        .names(ExpertNames.QWEN)
        .blocks(i -> {
          Mixer mlp =
              sparse.contains(i)
                  ? parts.mixture(i, counts, activation).normalised(normalised).done()
                  : parts.gatedMlp(i, activation, false);
          return List.of(
              Branch.pre(
                  parts.rms(i, Role.ATTENTION_NORM),
                  parts
                      .attention(i)
                      .biases(bias, bias)
                      .headNorms(parts.headRms(i, Role.Q_NORM), parts.headRms(i, Role.K_NORM))
                      .rope(rope)
                      .span(spans.get(i))
                      .done()),
              Branch.pre(parts.rms(i, Role.MLP_NORM), mlp));
        });
  }
}
