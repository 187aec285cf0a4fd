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

/// Mixtral: Mistral with a mixture of experts for every MLP.
///
/// Source: transformers 5.23 `models/mixtral/modeling_mixtral.py`.
public final class Mixtral implements Architecture {
  @Override
  public String modelType() {
    return "mixtral";
  }

  @Override
  public ModelSpec describe(ModelConfig config) {
    ModelConfig c = ConfigDefaults.fill(config, "{\"num_key_value_heads\": 8}");
    Sizes sizes = Sizes.of(c, "rms_norm_eps", 1e-5);
    Parts parts = new Parts(sizes);
    Activation activation = ConfigChecks.activation(c, "hidden_act", "silu");
    Rope rope = RopeConfig.of(c, sizes.headDim()).theta("rope_theta", 1e6).rope();
    List<Span> spans = LayerSpans.everywhere(c, sizes.layers());
    var counts = MixtureDraft.Counts.of(c, sizes.inner(), "num_local_experts");
    return new ModelDraft(c, sizes, false)
        .names(ExpertNames.MIXTRAL)
        .blocks(i ->
            List.of(
                Branch.pre(
                    parts.rms(i, Role.ATTENTION_NORM),
                    parts.attention(i).rope(rope).span(spans.get(i)).done()),
                Branch.pre(
                    parts.rms(i, Role.MLP_NORM), parts.mixture(i, counts, activation).done())));
  }
}
