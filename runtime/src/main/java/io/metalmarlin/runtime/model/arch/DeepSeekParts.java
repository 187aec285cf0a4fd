package io.metalmarlin.runtime.model.arch;

import io.metalmarlin.formats.model.ModelConfig;
import io.metalmarlin.formats.model.NameTable;
import io.metalmarlin.formats.model.Role;
import io.metalmarlin.formats.model.WeightId;
import io.metalmarlin.runtime.model.Activation;
import io.metalmarlin.runtime.model.LatentAttention;
import io.metalmarlin.runtime.model.LatentAttention.Queries;
import io.metalmarlin.runtime.model.LatentAttention.Widths;
import io.metalmarlin.runtime.model.Mixer;
import io.metalmarlin.runtime.model.ModelSpec;
import io.metalmarlin.runtime.model.ModelSpec.Branch;
import io.metalmarlin.runtime.model.ModelSpec.Linear;
import io.metalmarlin.runtime.model.Norm;
import io.metalmarlin.runtime.model.Rope;
import io.metalmarlin.runtime.model.Scores;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

/// What the DeepSeek families have in common: latent attention everywhere, a dense MLP in the first
/// layers, a mixture of experts with a shared MLP in the others.
///
/// @param rope of the shared part of keys, `qk_rope_head_dim` wide
record DeepSeekParts(ModelConfig config, Sizes sizes, Rope rope) {
  private static final NameTable NAMES =
      ExpertNames.CORRECTED
          .with(Role.Q_DOWN, "self_attn.q_a_proj")
          .with(Role.Q_LATENT_NORM, "self_attn.q_a_layernorm")
          .with(Role.Q_UP, "self_attn.q_b_proj")
          .with(Role.KV_DOWN, "self_attn.kv_a_proj_with_mqa")
          .with(Role.KV_LATENT_NORM, "self_attn.kv_a_layernorm")
          .with(Role.KV_UP, "self_attn.kv_b_proj");

  /// Of the latents' norms, whatever the configuration says of the others.
  private static final float EPSILON = 1e-6f;

  /// What the ways down from the hidden state share; "down" is the MLP's.
  private static final String LATENTS = "latents";

  static DeepSeekParts of(ModelConfig config) {
    return of(config, true);
  }

  /// The same with the embedding where `rope_interleave` says.
  static DeepSeekParts withEitherRope(ModelConfig config) {
    return of(config, config.flag("rope_interleave", true));
  }

  private static DeepSeekParts of(ModelConfig config, boolean neighbours) {
    Rope halves = RopeConfig.of(config, config.requireInt("qk_rope_head_dim")).rope();
    return new DeepSeekParts(config, Sizes.of(config), neighbours ? halves.onNeighbours() : halves);
  }

  /// The whole model.
  ///
  /// @param firstMixture what a missing `first_k_dense_replace` means
  /// @param router what the family's router does
  ModelSpec model(int firstMixture, UnaryOperator<MixtureDraft> router) {
    Parts parts = new Parts(sizes);
    Activation activation = ConfigChecks.activation(config, "hidden_act", "silu");
    boolean bias = config.flag("mlp_bias", false);
    if (config.integer("moe_layer_freq").orElse(1) != 1) {
      throw ConfigChecks.unsupported(config, "moe_layer_freq other than 1");
    }
    int first = config.integer("first_k_dense_replace").orElse(firstMixture);
    int inner = first < sizes.layers() ? config.requireInt("moe_intermediate_size") : 0;
    return new ModelDraft(config, sizes, false)
        .names(NAMES)
        .buffers(beyond())
        .blocks(i -> {
          Mixer mlp =
              i < first
                  ? parts.gatedMlp(i, activation, bias)
                  : router
                      .apply(
                          parts.mixture(
                              i,
                              MixtureDraft.Counts.of(config, inner, "n_routed_experts"),
                              activation))
                      .shared(config.integer("n_shared_experts").orElse(0) * inner, false)
                      .sharedBiases(bias)
                      .done();
          return List.of(
              Branch.pre(parts.rms(i, Role.ATTENTION_NORM), attention(i)),
              Branch.pre(parts.rms(i, Role.MLP_NORM), mlp));
        });
  }

  /// Blocks that predict further tokens follow the others in published files; nothing here runs
  /// them.
  private String[] beyond() {
    int more = config.integer("num_nextn_predict_layers").orElse(0);
    return IntStream.range(sizes.layers(), sizes.layers() + more)
        .mapToObj(i -> "model\\.layers\\." + i + "\\..*")
        .toArray(String[]::new);
  }

  private LatentAttention attention(int layer) {
    int hidden = sizes.hidden();
    boolean bias = config.flag("attention_bias", false);
    int latent = config.requireInt("kv_lora_rank");
    Widths widths =
        new Widths(
            sizes.heads(),
            config.requireInt("qk_nope_head_dim"),
            config.requireInt("qk_rope_head_dim"),
            config.requireInt("v_head_dim"));
    int queries = widths.heads() * widths.key();
    boolean direct = config.integer("q_lora_rank").isEmpty();
    // Runtimes fuse the two ways down, where there are two.
    String kvFused = direct ? "kv_down" : LATENTS;
    return new LatentAttention(
        direct
            ? new Queries.Direct(linear(layer, Role.Q, queries, hidden, false, LATENTS, "q"))
            : latentQueries(layer, config.requireInt("q_lora_rank"), queries, bias),
        linear(layer, Role.KV_DOWN, latent + widths.shared(), hidden, bias, LATENTS, kvFused),
        norm(layer, Role.KV_LATENT_NORM, latent),
        linear(
            layer,
            Role.KV_UP,
            widths.heads() * (widths.own() + widths.value()),
            latent,
            false,
            "kv_up",
            "kv_up"),
        linear(layer, Role.O, hidden, widths.heads() * widths.value(), bias, "o", "o"),
        widths,
        rope,
        Scores.plain((float) (scoreFactor() / Math.sqrt(widths.key()))));
  }

  private Queries latentQueries(int layer, int latent, int queries, boolean bias) {
    return new Queries.Latent(
        linear(layer, Role.Q_DOWN, latent, sizes.hidden(), bias, LATENTS, LATENTS),
        norm(layer, Role.Q_LATENT_NORM, latent),
        linear(layer, Role.Q_UP, queries, latent, false, "q_up", "q_up"));
  }

  private double scoreFactor() {
    return RopeConfig.of(config, config.requireInt("qk_rope_head_dim")).scoreFactor();
  }

  private static Norm norm(int layer, Role role, int size) {
    return Norm.rms(new WeightId(layer, role), size, EPSILON);
  }

  private static Linear linear(
      int layer, Role role, int out, int in, boolean bias, String input, String fused) {
    return new Linear(new WeightId(layer, role), out, in, bias, input, fused);
  }
}
