package io.metalmarlin.runtime.model.arch;

import io.metalmarlin.formats.model.ModelConfig;
import io.metalmarlin.formats.model.Role;
import io.metalmarlin.formats.model.WeightId;
import io.metalmarlin.runtime.model.Activation;
import io.metalmarlin.runtime.model.Architecture;
import io.metalmarlin.runtime.model.ModelSpec;
import io.metalmarlin.runtime.model.ModelSpec.Branch;
import io.metalmarlin.runtime.model.Rope;
import io.metalmarlin.runtime.model.Span;
import java.util.List;

/// Cohere 2 (Command R7B): attention and MLP in parallel behind one layer norm without bias; layers
/// with a sliding window have a rotary embedding on neighbouring pairs, the others none.
///
/// Source: transformers 5.23 `models/cohere2/modeling_cohere2.py`.
public final class Cohere2 implements Architecture {
  @Override
  public String modelType() {
    return "cohere2";
  }

  @Override
  public ModelSpec describe(ModelConfig config) {
    ModelConfig c =
        ConfigDefaults.fill(config, "{\"sliding_window\": 4096, \"logit_scale\": 0.0625}");
    Sizes sizes = Sizes.of(c, "layer_norm_eps", 1e-5);
    Parts parts = new Parts(sizes);
    Activation activation = ConfigChecks.activation(c, "hidden_act", "silu");
    Rope rope = RopeConfig.of(c, sizes.headDim()).rope().onNeighbours();
    int pattern = ConfigChecks.positive(c, "sliding_window_pattern", 4);
    List<Span> spans = LayerSpans.of(c, sizes.layers(), layer -> (layer + 1) % pattern != 0);
    boolean bias = c.flag("attention_bias", false);
    return new ModelDraft(c, sizes, true)
        .finalNorm(parts.layerNorm(WeightId.OUTSIDE, Role.FINAL_NORM, false))
        .logitScale(ConfigChecks.positiveNumber(c, "logit_scale", 1))
        .parallelBlocks(i -> {
          AttentionDraft attention = parts.attention(i).biases(bias, bias).span(spans.get(i));
          return List.of(
              Branch.pre(
                  parts.layerNorm(i, Role.ATTENTION_NORM, false),
                  (spans.get(i) == Span.FULL ? attention : attention.rope(rope)).done()),
              Branch.pre(
                  parts.layerNorm(i, Role.ATTENTION_NORM, false),
                  parts.gatedMlp(i, activation, false)));
        });
  }
}
