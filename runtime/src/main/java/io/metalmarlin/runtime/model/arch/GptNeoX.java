package io.metalmarlin.runtime.model.arch;

import io.metalmarlin.formats.model.ModelConfig;
import io.metalmarlin.formats.model.Role;
import io.metalmarlin.formats.model.WeightId;
import io.metalmarlin.runtime.model.Activation;
import io.metalmarlin.runtime.model.Architecture;
import io.metalmarlin.runtime.model.ModelSpec;
import io.metalmarlin.runtime.model.ModelSpec.Branch;
import io.metalmarlin.runtime.model.QkvLayout;
import io.metalmarlin.runtime.model.Rope;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;

/// GPT-NeoX (Pythia): queries, keys and values of each head side by side in one matrix, a rotary
/// embedding of a part of each head, branches in parallel, each behind a norm of its own.
///
/// Source: transformers 5.23 `models/gpt_neox/modeling_gpt_neox.py`.
public final class GptNeoX implements Architecture {
  @Override
  public String modelType() {
    return "gpt_neox";
  }

  @Override
  public ModelSpec describe(ModelConfig config) {
    ModelConfig c = EarlyKeys.of(config, Map.of());
    Sizes sizes = Sizes.of(c, "layer_norm_eps", 1e-5);
    Parts parts = new Parts(sizes);
    Activation activation = ConfigChecks.activation(c, "hidden_act", "gelu");
    Rope rope =
        RopeConfig.of(c, sizes.headDim())
            .theta("rotary_emb_base", 10000)
            .partial(ConfigChecks.positiveNumber(c, "rotary_pct", 0.25))
            .rope();
    boolean bias = c.flag("attention_bias", true);
    IntFunction<List<Branch>> branches =
        i ->
            List.of(
                Branch.pre(
                    parts.layerNorm(i, Role.ATTENTION_NORM, true),
                    parts
                        .attention(i)
                        .fused(QkvLayout.BY_KEY_HEAD)
                        .biases(bias, bias)
                        .rope(rope)
                        .done()),
                Branch.pre(
                    parts.layerNorm(i, Role.MLP_NORM, true), parts.plainMlp(i, activation, true)));
    ModelDraft draft =
        new ModelDraft(c, sizes, false)
            .names(EarlyNames.GPT_NEOX)
            .buffers(".*\\.attention\\.(bias|masked_bias|rotary_emb\\.inv_freq)")
            .finalNorm(parts.layerNorm(WeightId.OUTSIDE, Role.FINAL_NORM, true));
    boolean parallel = c.flag("use_parallel_residual", true);
    return parallel ? draft.parallelBlocks(branches) : draft.blocks(branches);
  }
}
