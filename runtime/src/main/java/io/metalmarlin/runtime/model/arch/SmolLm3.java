package io.metalmarlin.runtime.model.arch;

import io.metalmarlin.formats.model.ModelConfig;
import io.metalmarlin.formats.model.Role;
import io.metalmarlin.runtime.model.Activation;
import io.metalmarlin.runtime.model.Architecture;
import io.metalmarlin.runtime.model.ModelSpec;
import io.metalmarlin.runtime.model.ModelSpec.Branch;
import io.metalmarlin.runtime.model.Rope;
import io.metalmarlin.runtime.model.Span;
import java.util.List;

/// SmolLM3: Llama without a rotary embedding in every fourth layer.
///
/// Source: transformers 5.23 `models/smollm3/modeling_smollm3.py`.
public final class SmolLm3 implements Architecture {
  @Override
  public String modelType() {
    return "smollm3";
  }

  @Override
  public ModelSpec describe(ModelConfig config) {
    ModelConfig c = ConfigDefaults.fill(config, "{\"num_key_value_heads\": 4}");
    Sizes sizes = Sizes.of(c);
    Parts parts = new Parts(sizes);
    Activation activation = ConfigChecks.activation(c, "hidden_act", "silu");
    Rope rope = RopeConfig.of(c, sizes.headDim()).theta("rope_theta", 2e6).rope();
    List<Boolean> turned = NoRopeLayers.turned(c, sizes.layers());
    boolean windowed = c.flag("use_sliding_window", false);
    List<Span> spans = LayerSpans.of(c, sizes.layers(), layer -> windowed && !turned.get(layer));
    boolean bias = c.flag("attention_bias", false);
    boolean mlpBias = c.flag("mlp_bias", false);
    return new ModelDraft(c, sizes, true)
        .blocks(i -> {
          AttentionDraft attention = parts.attention(i).biases(bias, bias).span(spans.get(i));
          return List.of(
              Branch.pre(
                  parts.rms(i, Role.ATTENTION_NORM),
                  (turned.get(i) ? attention.rope(rope) : attention).done()),
              Branch.pre(parts.rms(i, Role.MLP_NORM), parts.gatedMlp(i, activation, mlpBias)));
        });
  }
}
