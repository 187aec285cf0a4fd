package io.metalmarlin.runtime.model.arch;

import io.metalmarlin.formats.model.ModelConfig;
import io.metalmarlin.formats.model.NameTable;
import io.metalmarlin.formats.model.Role;
import io.metalmarlin.formats.model.WeightId;
import io.metalmarlin.runtime.model.Activation;
import io.metalmarlin.runtime.model.Architecture;
import io.metalmarlin.runtime.model.Attention;
import io.metalmarlin.runtime.model.Attention.Projections.Separate;
import io.metalmarlin.runtime.model.DifferentialAttention;
import io.metalmarlin.runtime.model.ModelSpec;
import io.metalmarlin.runtime.model.ModelSpec.Branch;
import io.metalmarlin.runtime.model.ModelSpec.Parameter;
import io.metalmarlin.runtime.model.Norm;
import io.metalmarlin.runtime.model.Rope;
import java.util.List;
import java.util.stream.Stream;

/// DiffLlama: Llama with differential attention.
///
/// Source: transformers 5.23 `models/diffllama/modeling_diffllama.py`; Ye et al. 2024.
public final class DiffLlama implements Architecture {
  private static final NameTable NAMES =
      NameTable.LLAMA
          .with(Role.LAMBDA_Q1, "self_attn.lambda_q1")
          .with(Role.LAMBDA_K1, "self_attn.lambda_k1")
          .with(Role.LAMBDA_Q2, "self_attn.lambda_q2")
          .with(Role.LAMBDA_K2, "self_attn.lambda_k2");

  @Override
  public String modelType() {
    return "diffllama";
  }

  @Override
  public ModelSpec describe(ModelConfig config) {
    Sizes sizes = Sizes.of(config, "rms_norm_eps", 1e-5);
    Parts parts = new Parts(sizes);
    ConfigChecks.onlyFullAttention(config, sizes.layers());
    if (sizes.kvHeads() % 2 != 0) {
      throw ConfigChecks.malformed(
          config,
          "num_key_value_heads " + sizes.kvHeads() + " is odd; differential attention pairs heads");
    }
    Activation activation = ConfigChecks.activation(config, "hidden_act", "silu");
    Rope rope = RopeConfig.of(config, sizes.headDim()).rope();
    boolean bias = config.flag("attention_bias", false);
    return new ModelDraft(config, sizes, false)
        .names(NAMES)
        .blocks(i ->
            List.of(
                Branch.pre(
                    parts.rms(i, Role.ATTENTION_NORM),
                    differential(sizes, parts.attention(i).biases(bias, bias).done(), i, rope)),
                Branch.pre(parts.rms(i, Role.MLP_NORM), parts.gatedMlp(i, activation, false))));
  }

  private static DifferentialAttention differential(
      Sizes sizes, Attention plain, int layer, Rope rope) {
    int width = 2 * sizes.headDim();
    return new DifferentialAttention(
        (Separate) plain.projections(),
        plain.o(),
        plain.heads(),
        rope,
        plain.scores(),
        Stream.of(Role.LAMBDA_Q1, Role.LAMBDA_K1, Role.LAMBDA_Q2, Role.LAMBDA_K2)
            .map(r -> new Parameter(new WeightId(layer, r), "", sizes.headDim()))
            .toList(),
        (float) (0.8 - 0.6 * Math.exp(-0.3 * layer)),
        new Norm(
            new WeightId(layer, Role.STATE_NORM),
            Norm.Kind.RMS,
            width,
            width,
            sizes.epsilon(),
            false,
            false,
            0,
            1));
  }
}
