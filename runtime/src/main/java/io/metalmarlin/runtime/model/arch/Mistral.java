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

/// Mistral: Llama with a sliding window in every layer.
///
/// Source: transformers 5.23 `models/mistral/modeling_mistral.py`.
public final class Mistral implements Architecture {
  @Override
  public String modelType() {
    return "mistral";
  }

  @Override
  public ModelSpec describe(ModelConfig config) {
    ModelConfig c = ConfigDefaults.fill(config, "{\"sliding_window\": 4096}");
    Sizes sizes = Sizes.of(c);
    Parts parts = new Parts(sizes);
    Activation activation = ConfigChecks.activation(c, "hidden_act", "silu");
    Rope rope = RopeConfig.of(c, sizes.headDim()).rope();
    List<Span> spans = LayerSpans.everywhere(c, sizes.layers());
    return new ModelDraft(c, sizes, false)
        .blocks(i ->
            List.of(
                Branch.pre(
                    parts.rms(i, Role.ATTENTION_NORM),
                    parts.attention(i).rope(rope).span(spans.get(i)).done()),
                Branch.pre(parts.rms(i, Role.MLP_NORM), parts.gatedMlp(i, activation, false))));
  }
}
