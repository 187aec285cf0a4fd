package io.metalmarlin.runtime.model.arch;

import io.metalmarlin.formats.model.ModelConfig;
import io.metalmarlin.formats.model.NameTable;
import io.metalmarlin.formats.model.Role;
import io.metalmarlin.formats.model.WeightId;
import io.metalmarlin.runtime.model.Activation;
import io.metalmarlin.runtime.model.Architecture;
import io.metalmarlin.runtime.model.Mixer;
import io.metalmarlin.runtime.model.ModelSpec;
import io.metalmarlin.runtime.model.ModelSpec.Branch;
import io.metalmarlin.runtime.model.Norm;
import java.util.List;
import java.util.Map;

/// OPT: learned positions that begin at row 2 of their table, a layer norm before each branch or
/// behind each sum, embeddings that may be narrower than the hidden state.
///
/// Source: transformers 5.23 `models/opt/modeling_opt.py`.
public final class Opt implements Architecture {
  /// Rows of the positions' table before that of position 0.
  private static final int OFFSET = 2;

  private static final NameTable NAMES =
      new NameTable("model.decoder.layers.", NameTable.LLAMA.paths())
          .with(Role.EMBEDDING, "model.decoder.embed_tokens")
          .with(Role.EMBEDDING_PROJECTION, "model.decoder.project_in")
          .with(Role.POSITIONS, "model.decoder.embed_positions")
          .with(Role.ATTENTION_NORM, "self_attn_layer_norm")
          .with(Role.O, "self_attn.out_proj")
          .with(Role.MLP_NORM, "final_layer_norm")
          .with(Role.UP, "fc1")
          .with(Role.DOWN, "fc2")
          .with(Role.FINAL_NORM, "model.decoder.final_layer_norm")
          .with(Role.HEAD_PROJECTION, "model.decoder.project_out");

  @Override
  public String modelType() {
    return "opt";
  }

  @Override
  public ModelSpec describe(ModelConfig config) {
    ModelConfig c =
        ConfigDefaults.fill(
            EarlyKeys.of(config, Map.of("ffn_dim", "intermediate_size")),
            "{\"max_position_embeddings\": 2048}");
    Sizes sizes = Sizes.of(c, 1e-5f);
    Parts parts = new Parts(sizes);
    Activation activation = ConfigChecks.activation(c, "activation_function", "relu");
    boolean bias = c.flag("enable_bias", true);
    boolean affine = c.flag("layer_norm_elementwise_affine", true);
    boolean before = c.flag("do_layer_norm_before", true);
    ModelDraft draft =
        new ModelDraft(c, sizes, true)
            .names(NAMES)
            .embeddingWidth(ConfigChecks.positive(c, "word_embed_proj_dim", sizes.hidden()))
            .positions(sizes.maxPositions() + OFFSET, OFFSET);
    boolean last = before && !c.flag("_remove_final_layer_norm", false);
    return (last
            ? draft.finalNorm(norm(parts, WeightId.OUTSIDE, Role.FINAL_NORM, affine))
            : draft.noFinalNorm())
        .blocks(i ->
            List.of(
                branch(
                    before,
                    norm(parts, i, Role.ATTENTION_NORM, affine),
                    parts.attention(i).biases(bias, bias).done()),
                branch(
                    before,
                    norm(parts, i, Role.MLP_NORM, affine),
                    parts.plainMlp(i, activation, bias))));
  }

  private static Norm norm(Parts parts, int layer, Role role, boolean affine) {
    Norm norm = parts.layerNorm(layer, role, true);
    return affine ? norm : norm.bare();
  }

  private static Branch branch(boolean before, Norm norm, Mixer mixer) {
    return before ? Branch.pre(norm, mixer) : Branch.summed(mixer, norm);
  }
}
