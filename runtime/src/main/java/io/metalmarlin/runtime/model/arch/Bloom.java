package io.metalmarlin.runtime.model.arch;

import io.metalmarlin.formats.model.ModelConfig;
import io.metalmarlin.formats.model.Role;
import io.metalmarlin.formats.model.WeightId;
import io.metalmarlin.runtime.model.Activation;
import io.metalmarlin.runtime.model.Alibi;
import io.metalmarlin.runtime.model.Architecture;
import io.metalmarlin.runtime.model.Mixer;
import io.metalmarlin.runtime.model.ModelSpec;
import io.metalmarlin.runtime.model.ModelSpec.Branch;
import io.metalmarlin.runtime.model.Norm;
import io.metalmarlin.runtime.model.QkvLayout;
import java.util.List;
import java.util.Map;

/// BLOOM: ALiBi for positions, a layer norm behind the embedding, queries, keys and values of each
/// head side by side in one matrix, biases on every linear.
///
/// Source: transformers 5.23 `models/bloom/modeling_bloom.py`.
public final class Bloom implements Architecture {
  private static final Map<String, String> KEYS =
      Map.of(
          "n_embed", "hidden_size",
          "n_layer", "num_hidden_layers",
          "n_head", "num_attention_heads",
          "seq_length", "max_position_embeddings");

  @Override
  public String modelType() {
    return "bloom";
  }

  @Override
  public ModelSpec describe(ModelConfig config) {
    ModelConfig c = EarlyKeys.of(config, KEYS);
    // Always four hidden widths: the family's n_inner is not read.
    c = EarlyKeys.with(c, "intermediate_size", 4 * c.requireInt("hidden_size"));
    Sizes sizes = Sizes.of(c, "layer_norm_epsilon", 1e-5);
    Parts parts = new Parts(sizes);
    if (c.flag("slow_but_exact", false) && c.integer("pretraining_tp").orElse(1) > 1) {
      throw ConfigChecks.unsupported(
          c, "slow_but_exact with pretraining_tp above 1 (transformers leaves biases out)");
    }
    Alibi alibi = new Alibi(AlibiSlopes.of(sizes.heads()), 1, false);
    boolean normed = c.flag("apply_residual_connection_post_layernorm", false);
    return new ModelDraft(c, sizes, true)
        .names(EarlyNames.FALCON)
        .embeddingNorm(parts.layerNorm(WeightId.OUTSIDE, Role.EMBEDDING_NORM, true))
        .finalNorm(parts.layerNorm(WeightId.OUTSIDE, Role.FINAL_NORM, true))
        .blocks(i ->
            List.of(
                branch(
                    parts.layerNorm(i, Role.ATTENTION_NORM, true),
                    parts
                        .attention(i)
                        .fused(QkvLayout.BY_KEY_HEAD)
                        .biases(true, true)
                        .alibi(alibi)
                        .done(),
                    normed),
                branch(
                    parts.layerNorm(i, Role.MLP_NORM, true),
                    parts.plainMlp(i, Activation.GELU_TANH, true),
                    normed)));
  }

  private static Branch branch(Norm norm, Mixer mixer, boolean normedResidual) {
    Branch branch = Branch.pre(norm, mixer);
    return normedResidual ? branch.withNormedResidual() : branch;
  }
}
