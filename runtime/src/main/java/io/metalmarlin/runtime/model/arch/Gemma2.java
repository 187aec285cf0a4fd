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

/// Gemma 2: norms before and behind each branch with `1 + weight`, embeddings times the root of the
/// hidden width, soft caps on scores and logits, a sliding window in every second layer.
///
/// Source: transformers 5.23 `models/gemma2/modeling_gemma2.py`.
public final class Gemma2 implements Architecture {
  private static final String DEFAULTS =
      """
      {"head_dim": 256, "query_pre_attn_scalar": 256, "sliding_window": 4096,
       "attn_logit_softcapping": 50.0, "final_logit_softcapping": 30.0}\
      """;

  @Override
  public String modelType() {
    return "gemma2";
  }

  @Override
  public ModelSpec describe(ModelConfig config) {
    ModelConfig c = ConfigDefaults.fill(config, DEFAULTS);
    ConfigChecks.onlyCausal(c);
    Sizes sizes = Sizes.of(c);
    Parts parts = new Parts(sizes);
    Activation activation = ConfigChecks.activation(c, "hidden_activation", "gelu_pytorch_tanh");
    Rope rope = RopeConfig.of(c, sizes.headDim()).rope();
    List<Span> spans = LayerSpans.of(c, sizes.layers(), layer -> layer % 2 == 0);
    boolean bias = c.flag("attention_bias", false);
    double scale = 1 / Math.sqrt(ConfigChecks.positiveNumber(c, "query_pre_attn_scalar", 256));
    return new ModelDraft(c, sizes, true)
        .names(NameTable.SANDWICH)
        .embeddingScale(Math.sqrt(sizes.hidden()))
        .finalNorm(parts.rms(WeightId.OUTSIDE, Role.FINAL_NORM).plusOne())
        .logitSoftcap(c.number("final_logit_softcapping").orElse(0))
        .blocks(i ->
            List.of(
                Branch.sandwich(
                    parts.rms(i, Role.ATTENTION_NORM).plusOne(),
                    parts
                        .attention(i)
                        .biases(bias, bias)
                        .rope(rope)
                        .span(spans.get(i))
                        .scale(scale)
                        .softcap(c.number("attn_logit_softcapping").orElse(0))
                        .done(),
                    parts.rms(i, Role.POST_ATTENTION_NORM).plusOne()),
                Branch.sandwich(
                    parts.rms(i, Role.MLP_NORM).plusOne(),
                    parts.gatedMlp(i, activation, false),
                    parts.rms(i, Role.POST_MLP_NORM).plusOne())));
  }
}
