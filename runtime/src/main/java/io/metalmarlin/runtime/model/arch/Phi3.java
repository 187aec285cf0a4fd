package io.metalmarlin.runtime.model.arch;

import io.metalmarlin.formats.model.ModelConfig;
import io.metalmarlin.formats.model.Role;
import io.metalmarlin.runtime.model.Activation;
import io.metalmarlin.runtime.model.Architecture;
import io.metalmarlin.runtime.model.ModelSpec;
import io.metalmarlin.runtime.model.ModelSpec.Branch;
import io.metalmarlin.runtime.model.QkvLayout;
import io.metalmarlin.runtime.model.Rope;
import io.metalmarlin.runtime.model.Span;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/// Phi-3 and Phi-4: Llama with q, k, v in one matrix and gate, up in another, a rotary embedding
/// with one set of factors for short sequences and one for long ones, and a sliding window.
///
/// Source: transformers 5.23 `models/phi3/modeling_phi3.py`.
public final class Phi3 implements Architecture {
  @Override
  public String modelType() {
    return "phi3";
  }

  @Override
  public ModelSpec describe(ModelConfig config) {
    ModelConfig c = longRope(config);
    Sizes sizes = Sizes.of(c, "rms_norm_eps", 1e-5);
    Parts parts = new Parts(sizes);
    Activation activation = ConfigChecks.activation(c, "hidden_act", "silu");
    Rope rope = RopeConfig.of(c, sizes.headDim()).partial(1).rope();
    List<Span> spans = LayerSpans.everywhere(c, sizes.layers());
    return new ModelDraft(c, sizes, false)
        .blocks(i ->
            List.of(
                Branch.pre(
                    parts.rms(i, Role.ATTENTION_NORM),
                    parts
                        .attention(i)
                        .fused(QkvLayout.BY_KIND)
                        .rope(rope)
                        .span(spans.get(i))
                        .done()),
                Branch.pre(parts.rms(i, Role.MLP_NORM), parts.fusedMlp(i, activation, false))));
  }

  /// The configuration with the context of the training, and with the name that the scaling has
  /// today: files from before call it `su` or `yarn`.
  private static ModelConfig longRope(ModelConfig config) {
    ModelConfig c = ConfigDefaults.fill(config, "{\"original_max_position_embeddings\": 4096}");
    if (!RopeConfig.of(c, 2).type().equals("yarn")) {
      return c;
    }
    ObjectNode root = c.root().deepCopy();
    for (String key : List.of("rope_scaling", "rope_parameters")) {
      if (root.get(key) instanceof ObjectNode o && o.has("short_factor")) {
        o.put("rope_type", "longrope");
      }
    }
    return new ModelConfig(c.file(), root);
  }
}
