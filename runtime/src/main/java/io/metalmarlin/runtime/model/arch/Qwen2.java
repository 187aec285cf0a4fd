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

/// Qwen2: Llama with biases on queries, keys and values.
///
/// Source: transformers 5.23 `models/qwen2/modeling_qwen2.py`.
public final class Qwen2 implements Architecture {
  @Override
  public String modelType() {
    return "qwen2";
  }

  @Override
  public ModelSpec describe(ModelConfig config) {
    Sizes sizes = Sizes.of(config);
    Parts parts = new Parts(sizes);
    Activation activation = ConfigChecks.activation(config, "hidden_act", "silu");
    Rope rope = RopeConfig.of(config, sizes.headDim()).rope();
    List<Span> spans = LayerSpans.qwen(config, sizes.layers());
    return new ModelDraft(config, sizes, false)
        .blocks(i ->
            List.of(
                Branch.pre(
                    parts.rms(i, Role.ATTENTION_NORM),
                    parts.attention(i).biases(true, false).rope(rope).span(spans.get(i)).done()),
                Branch.pre(parts.rms(i, Role.MLP_NORM), parts.gatedMlp(i, activation, false))));
  }
}
