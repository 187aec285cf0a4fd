package io.metalmarlin.runtime.model.arch;

import io.metalmarlin.formats.model.ModelConfig;
import io.metalmarlin.formats.model.NameTable;
import io.metalmarlin.formats.model.Role;
import io.metalmarlin.formats.model.WeightId;
import io.metalmarlin.runtime.model.Activation;
import io.metalmarlin.runtime.model.Alibi;
import io.metalmarlin.runtime.model.Architecture;
import io.metalmarlin.runtime.model.ModelSpec;
import io.metalmarlin.runtime.model.ModelSpec.Branch;
import io.metalmarlin.runtime.model.QkvLayout;
import io.metalmarlin.runtime.model.Rope;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntFunction;

/// Falcon: queries with the key and the value they share side by side in one matrix; by generation
/// one key head or some, one norm before both branches or one before each, a rotary embedding or
/// ALiBi (Falcon RW).
///
/// ALiBi is added once, as the default attention of transformers does it; its eager variant adds it
/// twice.
///
/// Source: transformers 5.23 `models/falcon/modeling_falcon.py`.
public final class Falcon implements Architecture {
  /// Two norms before parallel branches.
  private static final NameTable TWO_NORMS =
      EarlyNames.FALCON.with(Role.ATTENTION_NORM, "ln_attn").with(Role.MLP_NORM, "ln_mlp");

  @Override
  public String modelType() {
    return "falcon";
  }

  @Override
  public ModelSpec describe(ModelConfig config) {
    boolean grouped = config.flag("new_decoder_architecture", false);
    boolean parallel = config.flag("parallel_attn", true);
    boolean twoNorms = twoNorms(config, grouped, parallel);
    ModelConfig c =
        EarlyKeys.inner(EarlyKeys.of(config, Map.of("n_embed", "hidden_size")), "ffn_hidden_size");
    c = EarlyKeys.with(c, "num_key_value_heads", keyHeads(c, grouped));
    Sizes sizes = Sizes.of(c, "layer_norm_epsilon", 1e-5);
    Parts parts = new Parts(sizes);
    Activation activation = ConfigChecks.activation(c, "activation", "gelu");
    boolean bias = c.flag("bias", false);
    Optional<Alibi> alibi = alibi(c, sizes);
    Optional<Rope> rope =
        alibi.isPresent()
            ? Optional.empty()
            : Optional.of(RopeConfig.of(c, sizes.headDim()).rope());
    boolean ownMlpNorm = twoNorms || !parallel;
    IntFunction<List<Branch>> branches =
        i -> {
          AttentionDraft attention =
              parts.attention(i).fused(QkvLayout.BY_KEY_HEAD).biases(bias, bias);
          rope.ifPresent(attention::rope);
          alibi.ifPresent(attention::alibi);
          Role second = ownMlpNorm ? Role.MLP_NORM : Role.ATTENTION_NORM;
          return List.of(
              Branch.pre(parts.layerNorm(i, Role.ATTENTION_NORM, true), attention.done()),
              Branch.pre(parts.layerNorm(i, second, true), parts.plainMlp(i, activation, bias)));
        };
    ModelDraft draft =
        new ModelDraft(c, sizes, true)
            .names(twoNorms ? TWO_NORMS : EarlyNames.FALCON)
            .finalNorm(parts.layerNorm(WeightId.OUTSIDE, Role.FINAL_NORM, true));
    return parallel ? draft.parallelBlocks(branches) : draft.blocks(branches);
  }

  private static boolean twoNorms(ModelConfig config, boolean grouped, boolean parallel) {
    int norms = ConfigChecks.positive(config, "num_ln_in_parallel_attn", grouped ? 2 : 1);
    if (norms > 2) {
      throw ConfigChecks.malformed(
          config, "num_ln_in_parallel_attn should be 1 or 2, it is " + norms);
    }
    if (grouped && !parallel) {
      throw ConfigChecks.unsupported(
          config, "new_decoder_architecture with parallel_attn false (no model has it)");
    }
    if (norms == 2 && parallel && !grouped) {
      throw ConfigChecks.unsupported(
          config, "num_ln_in_parallel_attn 2 without new_decoder_architecture (no model has it)");
    }
    return norms == 2 && grouped;
  }

  private static int keyHeads(ModelConfig c, boolean grouped) {
    int heads = c.requireInt("num_attention_heads");
    int given = ConfigChecks.positive(c, "num_kv_heads", heads);
    if (grouped) {
      return given;
    }
    if (c.flag("multi_query", true)) {
      return 1;
    }
    if (given != heads) {
      throw ConfigChecks.malformed(
          c,
          "num_kv_heads %d is not num_attention_heads %d, and neither multi_query nor"
                  .formatted(given, heads)
              + " new_decoder_architecture is set");
    }
    return heads;
  }

  private static Optional<Alibi> alibi(ModelConfig c, Sizes sizes) {
    if (!c.flag("alibi", false)) {
      return Optional.empty();
    }
    float factor = (float) (1 / Math.sqrt(sizes.headDim()));
    return Optional.of(new Alibi(AlibiSlopes.of(sizes.heads()), factor, true));
  }
}
