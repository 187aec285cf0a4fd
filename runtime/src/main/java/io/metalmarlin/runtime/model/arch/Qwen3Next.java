package io.metalmarlin.runtime.model.arch;

import io.metalmarlin.formats.model.ModelConfig;
import io.metalmarlin.formats.model.NameTable;
import io.metalmarlin.formats.model.Role;
import io.metalmarlin.formats.model.WeightId;
import io.metalmarlin.runtime.model.Activation;
import io.metalmarlin.runtime.model.Architecture;
import io.metalmarlin.runtime.model.GatedDeltaNet;
import io.metalmarlin.runtime.model.Mixer;
import io.metalmarlin.runtime.model.ModelSpec;
import io.metalmarlin.runtime.model.ModelSpec.Branch;
import io.metalmarlin.runtime.model.ModelSpec.Linear;
import io.metalmarlin.runtime.model.ModelSpec.Parameter;
import io.metalmarlin.runtime.model.Norm;
import io.metalmarlin.runtime.model.Recurrence;
import io.metalmarlin.runtime.model.Rope;
import java.util.List;
import java.util.Set;

/// Qwen3 Next: the gated delta rule in three of four layers, gated softmax attention in the fourth,
/// mixtures of experts beside a weighted shared MLP. Norms are stored as their difference from one,
/// but for that of the delta rule's heads.
///
/// Source: transformers 5.23 `models/qwen3_next/modeling_qwen3_next.py`; Yang et al. 2024 for the
/// gated delta rule.
public final class Qwen3Next implements Architecture {
  private static final NameTable FULL = ExpertNames.QWEN_SHARED;

  private static final NameTable DELTA =
      FULL.with(Role.MIXED, "linear_attn.in_proj_qkvz")
          .with(Role.MIXED_RATES, "linear_attn.in_proj_ba")
          .with(Role.O, "linear_attn.out_proj")
          .with(Role.CONVOLUTION, "linear_attn.conv1d")
          .with(Role.DECAY, "linear_attn.A_log")
          .with(Role.STEP_BIAS, "linear_attn.dt_bias")
          .with(Role.STATE_NORM, "linear_attn.norm");

  private static final String DEFAULTS =
      """
      {"head_dim": 256, "linear_conv_kernel_dim": 4, "linear_key_head_dim": 128,
       "linear_value_head_dim": 128, "linear_num_key_heads": 16, "linear_num_value_heads": 32,
       "moe_intermediate_size": 512, "shared_expert_intermediate_size": 512,
       "num_experts_per_tok": 10, "full_attention_interval": 4}\
      """;

  @Override
  public String modelType() {
    return "qwen3_next";
  }

  @Override
  public ModelSpec describe(ModelConfig config) {
    ModelConfig c = ConfigDefaults.fill(config, DEFAULTS);
    Sizes sizes = Sizes.of(c);
    Parts parts = new Parts(sizes);
    Activation activation = ConfigChecks.activation(c, "hidden_act", "silu");
    Rope rope = RopeConfig.of(c, sizes.headDim()).partial(.25).rope();
    boolean bias = c.flag("attention_bias", false);
    int interval = c.requireInt("full_attention_interval");
    LinearLayers delta = LinearLayers.of(c, sizes.layers(), layer -> (layer + 1) % interval == 0);
    Set<Integer> sparse = SparseLayers.qwen(c, sizes.layers());
    int shared = c.requireInt("shared_expert_intermediate_size");
    boolean normalised = c.flag("norm_topk_prob", true);
    var counts = MixtureDraft.Counts.qwen(c, sparse);
    Recurrence heads = heads(c);
    return new ModelDraft(c, sizes, false)
        .names(delta.names(DELTA, FULL))
        .finalNorm(parts.rms(WeightId.OUTSIDE, Role.FINAL_NORM).plusOne())
        // Blocks that predict further tokens.
        .buffers("mtp\\..*")
        .blocks(i -> {
          Mixer mixer =
              delta.has(i)
                  ? deltaNet(c, sizes, i, heads, activation)
                  : parts
                      .attention(i)
                      .biases(bias, bias)
                      .gated()
                      .headNorms(
                          parts.headRms(i, Role.Q_NORM).plusOne(),
                          parts.headRms(i, Role.K_NORM).plusOne())
                      .rope(rope)
                      .done();
          Mixer mlp =
              sparse.contains(i)
                  ? parts
                      .mixture(i, counts, activation)
                      .normalised(normalised)
                      .shared(shared, true)
                      .done()
                  : parts.gatedMlp(i, activation, false);
          return List.of(
              Branch.pre(parts.rms(i, Role.ATTENTION_NORM).plusOne(), mixer),
              Branch.pre(parts.rms(i, Role.MLP_NORM).plusOne(), mlp));
        });
  }

  private static Recurrence heads(ModelConfig config) {
    int keys = config.requireInt("linear_num_key_heads");
    int values = config.requireInt("linear_num_value_heads");
    ConfigChecks.divides(config, "linear_num_key_heads", keys, "linear_num_value_heads", values);
    return new Recurrence(
        keys,
        values,
        config.requireInt("linear_key_head_dim"),
        config.requireInt("linear_value_head_dim"));
  }

  private static GatedDeltaNet deltaNet(
      ModelConfig config, Sizes sizes, int layer, Recurrence heads, Activation activation) {
    int columns = 2 * heads.keyWidth() + heads.valueWidth();
    int hidden = sizes.hidden();
    return new GatedDeltaNet(
        Parts.linear(layer, Role.MIXED, columns + heads.valueWidth(), hidden, false, "mixed"),
        // A few rows that say how fast the memories change: too delicate to be rounded.
        new Linear(
                new WeightId(layer, Role.MIXED_RATES),
                2 * heads.valueHeads(),
                hidden,
                false,
                "mixed",
                "mixed_rates")
            .kept(),
        Parts.linear(layer, Role.O, hidden, heads.valueWidth(), false, "o"),
        heads,
        activation,
        new Parameter(
            new WeightId(layer, Role.CONVOLUTION),
            ".weight",
            columns,
            1,
            config.requireInt("linear_conv_kernel_dim")),
        new Parameter(new WeightId(layer, Role.DECAY), "", heads.valueHeads()),
        new Parameter(new WeightId(layer, Role.STEP_BIAS), "", heads.valueHeads()),
        Norm.rms(new WeightId(layer, Role.STATE_NORM), heads.valueDim(), sizes.epsilon()));
  }
}
