package io.metalmarlin.runtime.model.arch;

import io.metalmarlin.formats.model.ModelConfig;
import io.metalmarlin.formats.model.NameTable;
import io.metalmarlin.formats.model.Role;
import io.metalmarlin.formats.model.WeightId;
import io.metalmarlin.runtime.model.Activation;
import io.metalmarlin.runtime.model.Architecture;
import io.metalmarlin.runtime.model.Attention;
import io.metalmarlin.runtime.model.Layout;
import io.metalmarlin.runtime.model.Mixer;
import io.metalmarlin.runtime.model.ModelSpec;
import io.metalmarlin.runtime.model.ModelSpec.Branch;
import io.metalmarlin.runtime.model.Norm;
import io.metalmarlin.runtime.model.Rope;
import io.metalmarlin.runtime.model.Span;
import java.util.List;
import java.util.Set;

/// Llama 4: attention in chunks with a rotary embedding on neighbouring pairs and norms without
/// weights behind it, but for the layers that see everything, which have neither and let the
/// queries grow with their position; mixtures of experts that weigh what goes in, beside a shared
/// MLP.
///
/// Source: transformers 5.23 `models/llama4/modeling_llama4.py`.
public final class Llama4Text implements Architecture {
  private static final NameTable NAMES =
      ExpertNames.stacked(
          ExpertNames.shared(NameTable.LLAMA, "feed_forward.shared_expert")
              .with(Role.ROUTER, "feed_forward.router")
              .with(Role.GATE, "feed_forward.gate_proj")
              .with(Role.UP, "feed_forward.up_proj")
              .with(Role.DOWN, "feed_forward.down_proj")
              .withExperts(Role.GATE_UP, "feed_forward.experts.{e}.gate_up_proj")
              .withExperts(Role.GATE, "feed_forward.experts.{e}.gate_proj")
              .withExperts(Role.UP, "feed_forward.experts.{e}.up_proj")
              .withExperts(Role.DOWN, "feed_forward.experts.{e}.down_proj"),
          "feed_forward.experts.gate_up_proj",
          "feed_forward.experts.down_proj");

  @Override
  public String modelType() {
    return "llama4_text";
  }

  @Override
  public ModelSpec describe(ModelConfig config) {
    ModelConfig c =
        ConfigDefaults.fill(
            config,
            """
            {"head_dim": 128, "num_key_value_heads": 8, "num_experts_per_tok": 1,
             "intermediate_size_mlp": 16384, "attention_chunk_size": 8192}\
            """);
    Sizes sizes = Sizes.of(c, "rms_norm_eps", 1e-5);
    Parts parts = new Parts(sizes);
    Activation activation = ConfigChecks.activation(c, "hidden_act", "silu");
    Rope rope = RopeConfig.of(c, sizes.headDim()).theta("rope_theta", 500000).rope().onNeighbours();
    List<Boolean> turned = NoRopeLayers.turned(c, sizes.layers());
    List<Span> spans = spans(c, turned);
    boolean bias = c.flag("attention_bias", false);
    Set<Integer> sparse = sparse(c, sizes.layers());
    int dense = c.requireInt("intermediate_size_mlp");
    var counts = MixtureDraft.Counts.of(c, sizes.inner(), "num_local_experts");
    Layout stack = new Layout(true, counts.experts(), "", "_bias");
    return new ModelDraft(c, sizes, false)
        .names(NAMES)
        .blocks(i -> {
          AttentionDraft attention = parts.attention(i).biases(bias, bias).span(spans.get(i));
          Mixer mlp =
              sparse.contains(i)
                  ? parts
                      .mixture(i, counts, activation)
                      .sigmoid()
                      .normalised(false)
                      .ofInput()
                      .stacked(stack)
                      .shared(sizes.inner(), false)
                      .done()
                  : parts.gatedMlp(i, dense, activation, false);
          return List.of(
              Branch.pre(
                  parts.rms(i, Role.ATTENTION_NORM),
                  (turned.get(i) ? near(c, sizes, i, attention, rope) : far(c, attention)).done()),
              Branch.pre(parts.rms(i, Role.MLP_NORM), mlp));
        });
  }

  /// `moe_layers`, else each `interleave_moe_layer_step`-th.
  private static Set<Integer> sparse(ModelConfig c, int layers) {
    return c.root().hasNonNull("moe_layers")
        ? SparseLayers.listed(c, "moe_layers")
        : SparseLayers.every(ConfigChecks.positive(c, "interleave_moe_layer_step", 1), layers);
  }

  private static List<Span> spans(ModelConfig c, List<Boolean> turned) {
    if (LayerSpans.types(c, turned.size()).isPresent()) {
      return LayerSpans.of(c, turned.size(), layer -> false);
    }
    Span chunk = Span.chunk(c.requireInt("attention_chunk_size"));
    return turned.stream().map(t -> t ? chunk : Span.FULL).toList();
  }

  private static AttentionDraft near(
      ModelConfig c, Sizes sizes, int layer, AttentionDraft attention, Rope rope) {
    if (c.flag("use_qk_norm", true)) {
      attention.headNormsAfterRope(
          bare(sizes, layer, Role.Q_NORM), bare(sizes, layer, Role.K_NORM));
    }
    return attention.rope(rope);
  }

  /// A norm of every head that has no weight.
  private static Norm bare(Sizes sizes, int layer, Role role) {
    int width = sizes.headDim();
    return new Norm(
        new WeightId(layer, role),
        Norm.Kind.RMS,
        width,
        width,
        sizes.epsilon(),
        false,
        false,
        0,
        1);
  }

  private static AttentionDraft far(ModelConfig c, AttentionDraft attention) {
    if (c.flag("attn_temperature_tuning", true)) {
      attention.temperature(
          new Attention.Temperature(
              (float) ConfigChecks.positiveNumber(c, "attn_scale", .1),
              (float) ConfigChecks.positiveNumber(c, "floor_scale", 8192)));
    }
    return attention;
  }
}
