package io.metalmarlin.runtime.model.arch;

import io.metalmarlin.formats.model.ModelConfig;
import io.metalmarlin.formats.model.NameTable;
import io.metalmarlin.formats.model.Role;
import io.metalmarlin.runtime.model.Activation;
import io.metalmarlin.runtime.model.Architecture;
import io.metalmarlin.runtime.model.Layout;
import io.metalmarlin.runtime.model.ModelSpec;
import io.metalmarlin.runtime.model.ModelSpec.Branch;
import io.metalmarlin.runtime.model.Rope;
import java.util.List;

/// Granite MoE: Granite with mixtures of experts, stacked in one tensor for the products up and one
/// for those down.
///
/// Source: transformers 5.23 `models/granitemoe/modeling_granitemoe.py`.
public final class GraniteMoe implements Architecture {
  // One by one, vLLM calls the experts' matrices as Mixtral does.
  private static final NameTable NAMES =
      ExpertNames.stacked(
          NameTable.LLAMA
              .with(Role.ROUTER, "block_sparse_moe.router.layer")
              .withExperts(Role.GATE_UP, "block_sparse_moe.experts.{e}.w13")
              .withExperts(Role.GATE, "block_sparse_moe.experts.{e}.w1")
              .withExperts(Role.UP, "block_sparse_moe.experts.{e}.w3")
              .withExperts(Role.DOWN, "block_sparse_moe.experts.{e}.w2"),
          "block_sparse_moe.input_linear",
          "block_sparse_moe.output_linear");

  @Override
  public String modelType() {
    return "granitemoe";
  }

  @Override
  public ModelSpec describe(ModelConfig config) {
    ModelConfig c = ConfigDefaults.fill(config, "{\"num_experts_per_tok\": 2}");
    Sizes sizes = Sizes.of(c);
    Parts parts = new Parts(sizes);
    Activation activation = ConfigChecks.activation(c, "hidden_act", "silu");
    Rope rope = RopeConfig.of(c, sizes.headDim()).rope();
    boolean bias = c.flag("attention_bias", false);
    float branch = (float) ConfigChecks.positiveNumber(c, "residual_multiplier", 1);
    double scale = ConfigChecks.positiveNumber(c, "attention_multiplier", 1);
    var counts = MixtureDraft.Counts.of(c, sizes.inner(), "num_local_experts");
    Layout stack = new Layout(false, counts.experts(), ".weight", ".bias");
    return new ModelDraft(c, sizes, false)
        .names(NAMES)
        .embeddingScale(ConfigChecks.positiveNumber(c, "embedding_multiplier", 1))
        .logitScale(1 / ConfigChecks.positiveNumber(c, "logits_scaling", 1))
        .blocks(i ->
            List.of(
                Branch.pre(
                        parts.rms(i, Role.ATTENTION_NORM),
                        parts.attention(i).biases(bias, bias).rope(rope).scale(scale).done())
                    .scaled(1, branch),
                Branch.pre(
                        parts.rms(i, Role.MLP_NORM),
                        parts.mixture(i, counts, activation).stacked(stack).done())
                    .scaled(1, branch)));
  }
}
