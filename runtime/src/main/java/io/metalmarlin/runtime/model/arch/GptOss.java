package io.metalmarlin.runtime.model.arch;

import io.metalmarlin.formats.model.ModelConfig;
import io.metalmarlin.formats.model.NameTable;
import io.metalmarlin.formats.model.Role;
import io.metalmarlin.runtime.model.Activation;
import io.metalmarlin.runtime.model.Architecture;
import io.metalmarlin.runtime.model.Layout;
import io.metalmarlin.runtime.model.Mlp;
import io.metalmarlin.runtime.model.ModelSpec;
import io.metalmarlin.runtime.model.ModelSpec.Branch;
import io.metalmarlin.runtime.model.Rope;
import io.metalmarlin.runtime.model.Span;
import java.util.List;

/// gpt-oss: attention with sinks and biases, every second layer with a sliding window; mixtures of
/// experts with biases, stacked, whose gate and up take turns and are clamped.
///
/// Source: transformers 5.23 `models/gpt_oss/modeling_gpt_oss.py`.
public final class GptOss implements Architecture {
  // No loader knows the experts one by one; the names are those of the tensors with a number.
  private static final NameTable NAMES =
      ExpertNames.stacked(
          ExpertNames.QWEN
              .with(Role.SINKS, "self_attn.sinks")
              .with(Role.ROUTER, "mlp.router")
              .withExperts(Role.GATE_UP, "mlp.experts.{e}.gate_up_proj"),
          "mlp.experts.gate_up_proj",
          "mlp.experts.down_proj");
  private static final float ALPHA = 1.702f;
  private static final float LIMIT = 7;

  /// How angles are scaled where a configuration says nothing of it.
  private static final String YARN =
      """
      {"rope_type": "yarn", "factor": 32.0, "beta_fast": 32.0, "beta_slow": 1.0,
       "truncate": false, "original_max_position_embeddings": 4096}\
      """;

  @Override
  public String modelType() {
    return "gpt_oss";
  }

  @Override
  public ModelSpec describe(ModelConfig config) {
    ModelConfig c =
        ConfigDefaults.fill(
            withRope(config),
            """
            {"head_dim": 64, "num_key_value_heads": 8, "sliding_window": 128,
             "num_experts_per_tok": 4}\
            """);
    Sizes sizes = Sizes.of(c, "rms_norm_eps", 1e-5);
    Parts parts = new Parts(sizes);
    Activation activation = ConfigChecks.activation(c, "hidden_act", "silu");
    Rope rope = RopeConfig.of(c, sizes.headDim()).theta("rope_theta", 150000).rope();
    List<Span> spans = LayerSpans.of(c, sizes.layers(), layer -> layer % 2 == 0);
    boolean bias = c.flag("attention_bias", true);
    double limit = ConfigChecks.positiveNumber(c, "swiglu_limit", LIMIT);
    if (limit != LIMIT) {
      throw ConfigChecks.unsupported(
          c, "swiglu_limit " + limit + " (transformers knows " + LIMIT + " only)");
    }
    Mlp.Clamp clamp = new Mlp.Clamp(ALPHA, LIMIT);
    var counts = MixtureDraft.Counts.of(c, sizes.inner(), "num_local_experts", "num_experts");
    Layout stack = new Layout(true, counts.experts(), "", "_bias");
    return new ModelDraft(c, sizes, false)
        .names(NAMES)
        .blocks(i ->
            List.of(
                Branch.pre(
                    parts.rms(i, Role.ATTENTION_NORM),
                    parts
                        .attention(i)
                        .biases(bias, bias)
                        .rope(rope)
                        .span(spans.get(i))
                        .sinks()
                        .done()),
                Branch.pre(
                    parts.rms(i, Role.MLP_NORM),
                    parts
                        .mixture(i, counts, activation)
                        .stacked(stack)
                        .alternating()
                        .biases()
                        .clamp(clamp)
                        .done())));
  }

  private static ModelConfig withRope(ModelConfig config) {
    boolean said =
        config.object("rope_scaling").or(() -> config.object("rope_parameters")).isPresent();
    return said ? config : ConfigDefaults.with(config, "rope_parameters", YARN);
  }
}
