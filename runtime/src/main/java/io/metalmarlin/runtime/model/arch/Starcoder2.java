package io.metalmarlin.runtime.model.arch;

import io.metalmarlin.formats.model.ModelConfig;
import io.metalmarlin.formats.model.NameTable;
import io.metalmarlin.formats.model.Role;
import io.metalmarlin.formats.model.WeightId;
import io.metalmarlin.runtime.model.Activation;
import io.metalmarlin.runtime.model.Architecture;
import io.metalmarlin.runtime.model.ModelSpec;
import io.metalmarlin.runtime.model.ModelSpec.Branch;
import io.metalmarlin.runtime.model.Rope;
import io.metalmarlin.runtime.model.Span;
import java.util.List;

/// StarCoder 2: layer norms, a plain MLP, biases on every linear, a sliding window in every layer.
///
/// Source: transformers 5.23 `models/starcoder2/modeling_starcoder2.py`.
public final class Starcoder2 implements Architecture {
  private static final NameTable NAMES =
      NameTable.LLAMA.with(Role.UP, "mlp.c_fc").with(Role.DOWN, "mlp.c_proj");

  @Override
  public String modelType() {
    return "starcoder2";
  }

  @Override
  public ModelSpec describe(ModelConfig config) {
    Sizes sizes = Sizes.of(config, "norm_epsilon", 1e-5);
    Parts parts = new Parts(sizes);
    Activation activation = ConfigChecks.activation(config, "hidden_act", "gelu_pytorch_tanh");
    Rope rope = RopeConfig.of(config, sizes.headDim()).rope();
    List<Span> spans = LayerSpans.everywhere(config, sizes.layers());
    boolean bias = config.flag("use_bias", true);
    return new ModelDraft(config, sizes, true)
        .names(NAMES)
        .finalNorm(parts.layerNorm(WeightId.OUTSIDE, Role.FINAL_NORM, true))
        .blocks(i ->
            List.of(
                Branch.pre(
                    parts.layerNorm(i, Role.ATTENTION_NORM, true),
                    parts.attention(i).biases(bias, bias).rope(rope).span(spans.get(i)).done()),
                Branch.pre(
                    parts.layerNorm(i, Role.MLP_NORM, true), parts.plainMlp(i, activation, bias))));
  }
}
