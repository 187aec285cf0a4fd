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

/// Gemma 3 (the language part): Gemma 2 without soft caps, with norms of queries and keys, and with
/// two rotary embeddings: layers with a sliding window have a base of their own and no scaling.
/// `attn_logit_softcapping`, which its configuration still has, is not read.
///
/// Source: transformers 5.23 `models/gemma3/modeling_gemma3.py`.
public final class Gemma3Text implements Architecture {
  private static final String DEFAULTS =
      """
      {"vocab_size": 262208, "hidden_size": 2304, "intermediate_size": 9216,
       "num_hidden_layers": 26, "num_attention_heads": 8, "num_key_value_heads": 4,
       "head_dim": 256, "max_position_embeddings": 131072, "sliding_window": 4096}\
      """;

  @Override
  public String modelType() {
    return "gemma3_text";
  }

  @Override
  public ModelSpec describe(ModelConfig config) {
    ModelConfig c = ConfigDefaults.fill(config, DEFAULTS);
    ConfigChecks.onlyCausal(c);
    Sizes sizes = Sizes.of(c);
    Parts parts = new Parts(sizes);
    Activation activation = ConfigChecks.activation(c, "hidden_activation", "gelu_pytorch_tanh");
    RopeConfig ropes = RopeConfig.of(c, sizes.headDim());
    boolean byKind = ropes.parameters().map(p -> p.has("full_attention")).orElse(false);
    Rope full = ropes.forLayers("full_attention").theta("rope_theta", 1e6).rope();
    Rope local =
        byKind
            ? ropes.forLayers("sliding_attention").theta("rope_local_base_freq", 10000).rope()
            : ropes.unscaled().theta("rope_local_base_freq", 10000).rope();
    int pattern = ConfigChecks.positive(c, "sliding_window_pattern", 6);
    List<Span> spans = LayerSpans.of(c, sizes.layers(), layer -> (layer + 1) % pattern != 0);
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
                        .headNorms(
                            parts.headRms(i, Role.Q_NORM).plusOne(),
                            parts.headRms(i, Role.K_NORM).plusOne())
                        .rope(spans.get(i) == Span.FULL ? full : local)
                        .span(spans.get(i))
                        .scale(scale)
                        .done(),
                    parts.rms(i, Role.POST_ATTENTION_NORM).plusOne()),
                Branch.sandwich(
                    parts.rms(i, Role.MLP_NORM).plusOne(),
                    parts.gatedMlp(i, activation, false),
                    parts.rms(i, Role.POST_MLP_NORM).plusOne())));
  }
}
