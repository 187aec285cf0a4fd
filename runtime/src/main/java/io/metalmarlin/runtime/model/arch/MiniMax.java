package io.metalmarlin.runtime.model.arch;

import io.metalmarlin.formats.model.ModelConfig;
import io.metalmarlin.formats.model.NameTable;
import io.metalmarlin.formats.model.Role;
import io.metalmarlin.formats.model.WeightId;
import io.metalmarlin.runtime.model.Activation;
import io.metalmarlin.runtime.model.Architecture;
import io.metalmarlin.runtime.model.LinearAttention;
import io.metalmarlin.runtime.model.Mixer;
import io.metalmarlin.runtime.model.ModelSpec;
import io.metalmarlin.runtime.model.ModelSpec.Branch;
import io.metalmarlin.runtime.model.ModelSpec.Linear;
import io.metalmarlin.runtime.model.Norm;
import io.metalmarlin.runtime.model.Recurrence;
import io.metalmarlin.runtime.model.Rope;
import io.metalmarlin.runtime.model.Span;
import java.util.ArrayList;
import java.util.List;

/// MiniMax Text 01: lightning attention in most layers, softmax attention in the others, mixtures
/// of experts; what the norms make is the residual, and both summands have factors.
///
/// Source: transformers 5.23 `models/minimax/modeling_minimax.py`.
public final class MiniMax implements Architecture {
  private static final NameTable FULL = ExpertNames.MIXTRAL;

  private static final NameTable LIGHTNING =
      FULL.with(Role.O, "self_attn.out_proj")
          .with(Role.OUTPUT_GATE, "self_attn.output_gate")
          .with(Role.STATE_NORM, "self_attn.norm");

  /// Of the heads' norm, whatever the configuration says of the others.
  private static final float EPSILON = 1e-6f;

  @Override
  public String modelType() {
    return "minimax";
  }

  @Override
  public ModelSpec describe(ModelConfig config) {
    Sizes sizes = Sizes.of(config, "rms_norm_eps", 1e-5);
    Parts parts = new Parts(sizes);
    Activation activation = ConfigChecks.activation(config, "hidden_act", "silu");
    Rope rope = RopeConfig.of(config, sizes.headDim()).theta("rope_theta", 1e6).rope();
    LinearLayers lightning = LinearLayers.of(config, sizes.layers(), i -> i % 2 == 0);
    Span span =
        config.integer("sliding_window").isPresent()
            ? Span.window(config.requireInt("sliding_window"))
            : Span.FULL;
    var counts = MixtureDraft.Counts.of(config, sizes.inner(), "num_local_experts", "num_experts");
    float mlpResidual = factor(config, "mlp_alpha_factor");
    float mlpUpdate = factor(config, "mlp_beta_factor");
    return new ModelDraft(config, sizes, false)
        .names(lightning.names(LIGHTNING, FULL))
        .buffers(
            "model\\.layers\\.\\d+\\.self_attn\\."
                + "(slope_rate|query_decay|key_decay|diagonal_decay)")
        .blocks(i -> {
          boolean linear = lightning.has(i);
          Mixer mixer =
              linear
                  ? lightning(sizes, i, activation)
                  : parts.attention(i).rope(rope).span(span).done();
          String kind = linear ? "linear_attn" : "full_attn";
          return List.of(
              Branch.pre(parts.rms(i, Role.ATTENTION_NORM), mixer)
                  .withNormedResidual()
                  .scaled(
                      factor(config, kind + "_alpha_factor"),
                      factor(config, kind + "_beta_factor")),
              Branch.pre(parts.rms(i, Role.MLP_NORM), parts.mixture(i, counts, activation).done())
                  .withNormedResidual()
                  .scaled(mlpResidual, mlpUpdate));
        });
  }

  private static float factor(ModelConfig config, String key) {
    return (float) config.number(key).orElse(1);
  }

  private static LinearAttention lightning(Sizes sizes, int layer, Activation activation) {
    int heads = sizes.heads();
    int width = heads * sizes.headDim();
    return new LinearAttention(
        Parts.linear(layer, Role.QKV, 3 * width, sizes.hidden(), false, "qkv"),
        new Linear(
            new WeightId(layer, Role.OUTPUT_GATE),
            width,
            sizes.hidden(),
            false,
            "qkv",
            "output_gate"),
        Parts.linear(layer, Role.O, sizes.hidden(), width, false, "o"),
        new Recurrence(heads, heads, sizes.headDim(), sizes.headDim()),
        activation,
        decays(heads, layer, sizes.layers()),
        Norm.rms(new WeightId(layer, Role.STATE_NORM), width, EPSILON));
  }

  /// Later heads and later layers forget more slowly.
  private static List<Float> decays(int heads, int layer, int layers) {
    double share = 1 - layer / (layers - 1 + 1e-5) + 1e-5;
    List<Float> decays = new ArrayList<>();
    for (int h = 0; h < heads; h++) {
      decays.add((float) Math.exp(-share * Math.pow(2, -8.0 * (h + 1) / heads)));
    }
    return decays;
  }
}
