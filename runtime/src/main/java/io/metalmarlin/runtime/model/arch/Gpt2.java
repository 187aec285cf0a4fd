package io.metalmarlin.runtime.model.arch;

import io.metalmarlin.formats.model.ModelConfig;
import io.metalmarlin.formats.model.NameTable;
import io.metalmarlin.formats.model.Role;
import io.metalmarlin.formats.model.WeightId;
import io.metalmarlin.runtime.model.Activation;
import io.metalmarlin.runtime.model.Architecture;
import io.metalmarlin.runtime.model.Layout;
import io.metalmarlin.runtime.model.ModelSpec;
import io.metalmarlin.runtime.model.ModelSpec.Branch;
import io.metalmarlin.runtime.model.QkvLayout;
import java.util.List;
import java.util.Map;

/// GPT-2: learned positions, queries, keys and values in one matrix, biases on every linear, and
/// matrices that are stored transposed.
///
/// Source: transformers 5.23 `models/gpt2/modeling_gpt2.py`.
public final class Gpt2 implements Architecture {
  private static final Map<String, String> KEYS =
      Map.of(
          "n_embd", "hidden_size",
          "n_layer", "num_hidden_layers",
          "n_head", "num_attention_heads",
          "n_positions", "max_position_embeddings");
  private static final NameTable NAMES =
      new NameTable("transformer.h.", Map.of())
          .with(Role.EMBEDDING, "transformer.wte")
          .with(Role.POSITIONS, "transformer.wpe")
          .with(Role.ATTENTION_NORM, "ln_1")
          .with(Role.QKV, "attn.c_attn")
          .with(Role.O, "attn.c_proj")
          .with(Role.MLP_NORM, "ln_2")
          .with(Role.UP, "mlp.c_fc")
          .with(Role.DOWN, "mlp.c_proj")
          .with(Role.FINAL_NORM, "transformer.ln_f")
          .with(Role.HEAD, "lm_head");

  @Override
  public String modelType() {
    return "gpt2";
  }

  @Override
  public ModelSpec describe(ModelConfig config) {
    if (config.flag("add_cross_attention", false)) {
      throw ConfigChecks.unsupported(config, "add_cross_attention");
    }
    ModelConfig c =
        EarlyKeys.inner(
            ConfigDefaults.fill(EarlyKeys.of(config, KEYS), "{\"max_position_embeddings\": 1024}"),
            "n_inner");
    Sizes sizes = Sizes.of(c, "layer_norm_epsilon", 1e-5);
    Parts parts = new Parts(sizes);
    Activation activation = ConfigChecks.activation(c, "activation_function", "gelu_new");
    double scale = c.flag("scale_attn_weights", true) ? 1 / Math.sqrt(sizes.headDim()) : 1;
    boolean byLayer = c.flag("scale_attn_by_inverse_layer_idx", false);
    return new ModelDraft(c, sizes, true)
        .names(NAMES)
        .positions(sizes.maxPositions(), 0)
        .buffers(".*\\.attn\\.(bias|masked_bias)")
        .finalNorm(parts.layerNorm(WeightId.OUTSIDE, Role.FINAL_NORM, true))
        .blocks(i ->
            List.of(
                Branch.pre(
                    parts.layerNorm(i, Role.ATTENTION_NORM, true),
                    parts
                        .attention(i)
                        .fused(QkvLayout.BY_KIND)
                        .biases(true, true)
                        .stored(Layout.TRANSPOSED)
                        .scale(byLayer ? scale / (i + 1) : scale)
                        .done()),
                Branch.pre(
                    parts.layerNorm(i, Role.MLP_NORM, true),
                    parts.plainMlp(i, activation, true, Layout.TRANSPOSED))));
  }
}
