package io.metalmarlin.runtime.model.arch;

import io.metalmarlin.formats.model.ModelConfig;
import io.metalmarlin.runtime.model.Heads;

/// The sizes every family has, whatever its configuration calls them.
///
/// @param inner width of the MLP
/// @param maxPositions longest context, a rotary embedding that grows with it taken into account
/// @param epsilon of all norms
record Sizes(
    int hidden,
    int heads,
    int kvHeads,
    int headDim,
    int layers,
    int inner,
    int vocabulary,
    int maxPositions,
    float epsilon) {
  /// The keys of Llama's configuration.
  static Sizes of(ModelConfig config) {
    return of(config, "rms_norm_eps", 1e-6);
  }

  /// The keys of Llama's configuration but for the norms' epsilon.
  static Sizes of(ModelConfig config, String epsilonKey, double epsilon) {
    return of(config, (float) ConfigChecks.positiveNumber(config, epsilonKey, epsilon));
  }

  /// The keys of Llama's configuration, for families whose norms have one fixed epsilon.
  static Sizes of(ModelConfig config, float epsilon) {
    int hidden = config.requireInt("hidden_size");
    int heads = config.requireInt("num_attention_heads");
    int layers = config.requireInt("num_hidden_layers");
    int kvHeads = ConfigChecks.positive(config, "num_key_value_heads", heads);
    int headDim = ConfigChecks.headDim(config, hidden, heads);
    ConfigChecks.divides(config, "num_key_value_heads", kvHeads, "num_attention_heads", heads);
    return new Sizes(
        hidden,
        heads,
        kvHeads,
        headDim,
        layers,
        config.requireInt("intermediate_size"),
        config.requireInt("vocab_size"),
        RopeConfig.of(config, headDim).longest(),
        epsilon);
  }

  Heads attentionHeads() {
    return new Heads(heads, kvHeads, headDim, headDim);
  }
}
