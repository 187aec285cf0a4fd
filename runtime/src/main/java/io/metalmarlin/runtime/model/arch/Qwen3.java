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

/// Qwen3 (dense): Llama with a norm per head on queries and keys before the rotary embedding, and a
/// head width that does not follow from hidden size and heads.
///
/// Source: transformers 5.23 `models/qwen3/modeling_qwen3.py`.
public final class Qwen3 implements Architecture {
  @Override
  public String modelType() {
    return "qwen3";
  }

  @Override
  public ModelSpec describe(ModelConfig config) {
    Sizes sizes = Sizes.of(config);
    Parts parts = new Parts(sizes);
    Activation activation = ConfigChecks.activation(config, "hidden_act", "silu");
    Rope rope = RopeConfig.of(config, sizes.headDim()).rope();
    List<Span> spans = LayerSpans.qwen(config, sizes.layers());
    boolean bias = config.flag("attention_bias", false);
    return new ModelDraft(config, sizes, false)
        .blocks(i ->
            List.of(
                Branch.pre(
                    parts.rms(i, Role.ATTENTION_NORM),
                    parts
                        .attention(i)
                        .biases(bias, bias)
                        .headNorms(parts.headRms(i, Role.Q_NORM), parts.headRms(i, Role.K_NORM))
                        .rope(rope)
                        .span(spans.get(i))
                        .done()),
                Branch.pre(parts.rms(i, Role.MLP_NORM), parts.gatedMlp(i, activation, false))));
  }
}
