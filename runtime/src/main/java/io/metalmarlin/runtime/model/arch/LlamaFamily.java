package io.metalmarlin.runtime.model.arch;

import io.metalmarlin.formats.model.LlamaNames;
import io.metalmarlin.formats.model.ModelConfig;
import io.metalmarlin.formats.model.Role;
import io.metalmarlin.formats.model.WeightId;
import io.metalmarlin.runtime.model.ModelSpec;
import io.metalmarlin.runtime.model.ModelSpec.Activation;
import io.metalmarlin.runtime.model.ModelSpec.Attention;
import io.metalmarlin.runtime.model.ModelSpec.Block;
import io.metalmarlin.runtime.model.ModelSpec.Linear;
import io.metalmarlin.runtime.model.ModelSpec.Mlp;
import io.metalmarlin.runtime.model.ModelSpec.Norm;
import io.metalmarlin.runtime.model.ModelSpec.Rope;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The declaration shared by the families that follow Llama; what differs between them is [Traits].
///
/// Groups of linears: q, k, v have one input and are fused by runtimes; gate and up likewise; o and
/// down stand alone.
final class LlamaFamily {
  /// @param headNorms queries and keys are normalised per head
  /// @param mlpBias the family reads `mlp_bias`
  /// @param slidingByDefault a `sliding_window` is in use unless `use_sliding_window` says
  ///   otherwise
  record Traits(boolean headNorms, boolean mlpBias, boolean slidingByDefault) {
    static final Traits LLAMA = new Traits(false, true, true);
    static final Traits QWEN3 = new Traits(true, false, false);
  }

  private final ModelConfig config;
  private final Traits traits;
  private final int hidden;
  private final int heads;
  private final int kvHeads;
  private final int headDim;
  private final int layers;
  private final float epsilon;
  private final boolean attentionBias;
  private final boolean mlpBias;

  LlamaFamily(ModelConfig config, Traits traits) {
    this.config = config;
    this.traits = traits;
    this.hidden = config.requireInt("hidden_size");
    this.heads = config.requireInt("num_attention_heads");
    this.layers = config.requireInt("num_hidden_layers");
    this.kvHeads = ConfigChecks.positive(config, "num_key_value_heads", heads);
    this.headDim = ConfigChecks.headDim(config, hidden, heads);
    this.epsilon = (float) ConfigChecks.positiveNumber(config, "rms_norm_eps", 1e-6);
    this.attentionBias = config.flag("attention_bias", false);
    this.mlpBias = traits.mlpBias() && config.flag("mlp_bias", false);
    ConfigChecks.divides(config, "num_key_value_heads", kvHeads, "num_attention_heads", heads);
    ConfigChecks.onlySilu(config);
    ConfigChecks.onlyFullAttention(config, layers, traits.slidingByDefault());
  }

  ModelSpec describe() {
    int vocabulary = config.requireInt("vocab_size");
    Rope rope = RopeConfig.of(config, headDim);
    List<Block> blocks = new ArrayList<>();
    for (int i = 0; i < layers; i++) {
      blocks.add(
          new Block(
              i,
              norm(i, Role.ATTENTION_NORM, hidden),
              attention(i, rope),
              norm(i, Role.MLP_NORM, hidden),
              mlp(i)));
    }
    return new ModelSpec(
        config.modelType(),
        hidden,
        vocabulary,
        ConfigChecks.positive(config, "max_position_embeddings", 2048),
        WeightId.outside(Role.EMBEDDING),
        blocks,
        new Norm(WeightId.outside(Role.FINAL_NORM), hidden, epsilon),
        new Linear(WeightId.outside(Role.HEAD), vocabulary, hidden, false, "head", "head"),
        config.flag("tie_word_embeddings", false),
        LlamaNames.INSTANCE);
  }

  private Attention attention(int layer, Rope rope) {
    int queries = heads * headDim;
    int keys = kvHeads * headDim;
    return new Attention(
        linear(layer, Role.Q, queries, hidden, attentionBias, "qkv"),
        linear(layer, Role.K, keys, hidden, attentionBias, "qkv"),
        linear(layer, Role.V, keys, hidden, attentionBias, "qkv"),
        linear(layer, Role.O, hidden, queries, attentionBias, "o"),
        heads,
        kvHeads,
        headDim,
        headNorm(layer, Role.Q_NORM),
        headNorm(layer, Role.K_NORM),
        rope,
        (float) (1 / Math.sqrt(headDim)));
  }

  private Mlp mlp(int layer) {
    int inner = config.requireInt("intermediate_size");
    return new Mlp(
        linear(layer, Role.GATE, inner, hidden, mlpBias, "gate_up"),
        linear(layer, Role.UP, inner, hidden, mlpBias, "gate_up"),
        linear(layer, Role.DOWN, hidden, inner, mlpBias, "down"),
        Activation.SILU);
  }

  private static Linear linear(int layer, Role role, int out, int in, boolean bias, String group) {
    return new Linear(new WeightId(layer, role), out, in, bias, group, group);
  }

  private Norm norm(int layer, Role role, int size) {
    return new Norm(new WeightId(layer, role), size, epsilon);
  }

  private Optional<Norm> headNorm(int layer, Role role) {
    return traits.headNorms() ? Optional.of(norm(layer, role, headDim)) : Optional.empty();
  }
}
