package io.metalmarlin.runtime.model.arch;

import io.metalmarlin.formats.model.ModelConfig;
import io.metalmarlin.formats.model.NameTable;
import io.metalmarlin.formats.model.Role;
import io.metalmarlin.runtime.model.Activation;
import io.metalmarlin.runtime.model.Architecture;
import io.metalmarlin.runtime.model.ModelSpec;
import io.metalmarlin.runtime.model.ModelSpec.Branch;
import io.metalmarlin.runtime.model.Rope;
import java.util.List;

/// Hunyuan (dense): Llama with a norm per head of queries and keys behind the rotary embedding,
/// whose base `alpha` enlarges.
///
/// Source: transformers 5.23 `models/hunyuan_v1_dense/modeling_hunyuan_v1_dense.py`.
public final class HunyuanV1Dense implements Architecture {
  private static final NameTable NAMES =
      NameTable.LLAMA
          .with(Role.Q_NORM, "self_attn.query_layernorm")
          .with(Role.K_NORM, "self_attn.key_layernorm");

  @Override
  public String modelType() {
    return "hunyuan_v1_dense";
  }

  @Override
  public ModelSpec describe(ModelConfig config) {
    Sizes sizes = Sizes.of(config, "rms_norm_eps", 1e-5);
    Parts parts = new Parts(sizes);
    Activation activation = ConfigChecks.activation(config, "hidden_act", "silu");
    Rope rope = RopeConfig.of(config, sizes.headDim()).rope();
    boolean bias = config.flag("attention_bias", false);
    return new ModelDraft(config, sizes, false)
        .names(NAMES)
        .blocks(i ->
            List.of(
                Branch.pre(
                    parts.rms(i, Role.ATTENTION_NORM),
                    parts
                        .attention(i)
                        .biases(bias, bias)
                        .headNormsAfterRope(
                            parts.headRms(i, Role.Q_NORM), parts.headRms(i, Role.K_NORM))
                        .rope(rope)
                        .done()),
                Branch.pre(parts.rms(i, Role.MLP_NORM), parts.gatedMlp(i, activation, false))));
  }
}
