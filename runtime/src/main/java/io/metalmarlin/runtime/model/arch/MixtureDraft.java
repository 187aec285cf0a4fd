package io.metalmarlin.runtime.model.arch;

import io.metalmarlin.formats.model.ModelConfig;
import io.metalmarlin.formats.model.Role;
import io.metalmarlin.formats.model.WeightId;
import io.metalmarlin.runtime.model.Activation;
import io.metalmarlin.runtime.model.Layout;
import io.metalmarlin.runtime.model.MixtureOfExperts;
import io.metalmarlin.runtime.model.MixtureOfExperts.Shared;
import io.metalmarlin.runtime.model.Mlp;
import io.metalmarlin.runtime.model.ModelSpec.Linear;
import io.metalmarlin.runtime.model.ModelSpec.Parameter;
import io.metalmarlin.runtime.model.Router;
import io.metalmarlin.runtime.model.Router.Groups;
import io.metalmarlin.runtime.model.Router.Score;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// A [MixtureOfExperts] in the making: gate, up and down of each expert in tensors of their own, a
/// softmax whose chosen values are normalised, until told otherwise.
///
/// A softmax over the chosen logits alone is the same as one over all of them, normalised.
final class MixtureDraft {
  /// @param experts all of them
  /// @param chosen for each token
  /// @param inner width of an expert
  record Counts(int experts, int chosen, int inner) {
    private static final Counts NONE = new Counts(0, 0, 0);

    /// Of the Qwen families, whose models may have no mixture at all.
    ///
    /// @param sparse layers with a mixture
    static Counts qwen(ModelConfig config, Set<Integer> sparse) {
      return sparse.isEmpty()
          ? NONE
          : of(
              config,
              config.requireInt("moe_intermediate_size"),
              "num_experts",
              "num_local_experts");
    }

    /// @param keys of the number of experts, whichever the configuration has
    static Counts of(ModelConfig config, int inner, String... keys) {
      for (String key : keys) {
        if (config.integer(key).isPresent()) {
          return checked(config, key, inner);
        }
      }
      return checked(config, keys[0], inner);
    }

    private static Counts checked(ModelConfig config, String key, int inner) {
      int experts = config.requireInt(key);
      int chosen = config.requireInt("num_experts_per_tok");
      if (chosen > experts) {
        throw ConfigChecks.malformed(
            config, "num_experts_per_tok " + chosen + " is more than " + key + " " + experts);
      }
      return new Counts(experts, chosen, inner);
    }
  }

  private final int layer;
  private final int hidden;
  private final Counts counts;
  private final Activation activation;
  private Score score = Score.SOFTMAX;
  private boolean normalised = true;
  private boolean corrected;
  private Optional<Groups> groups = Optional.empty();
  private double scale = 1;
  private boolean ofInput;
  private boolean routerBias;
  private boolean fused;
  private boolean alternating;
  private boolean bias;
  private Layout layout = Layout.PLAIN;
  private Optional<Mlp.Clamp> clamp = Optional.empty();
  private int sharedInner;
  private boolean sharedWeight;
  private boolean sharedBias;

  MixtureDraft(int layer, int hidden, Counts counts, Activation activation) {
    this.layer = layer;
    this.hidden = hidden;
    this.counts = counts;
    this.activation = activation;
  }

  MixtureDraft sigmoid() {
    score = Score.SIGMOID;
    return this;
  }

  MixtureDraft normalised(boolean sumIsOne) {
    normalised = sumIsOne;
    return this;
  }

  /// A stored number for each expert takes part in the choice.
  MixtureDraft corrected() {
    corrected = true;
    return this;
  }

  MixtureDraft groups(Groups of) {
    groups = of.count() > 1 ? Optional.of(of) : Optional.empty();
    return this;
  }

  /// Factor of the weights.
  MixtureDraft scale(double factor) {
    scale = factor;
    return this;
  }

  /// The weights multiply what the experts read.
  MixtureDraft ofInput() {
    ofInput = true;
    return this;
  }

  /// Router and experts have biases.
  MixtureDraft biases() {
    routerBias = true;
    bias = true;
    return this;
  }

  /// Gate and up in one matrix, and all experts in one tensor.
  MixtureDraft stacked(Layout as) {
    fused = true;
    layout = as;
    return this;
  }

  /// Rows of gate and up take turns.
  MixtureDraft alternating() {
    alternating = true;
    return this;
  }

  MixtureDraft clamp(Mlp.Clamp of) {
    clamp = Optional.of(of);
    return this;
  }

  /// An MLP for all tokens.
  ///
  /// @param inner its width
  /// @param weighted whether its result has a weight
  MixtureDraft shared(int inner, boolean weighted) {
    sharedInner = inner;
    sharedWeight = weighted;
    return this;
  }

  /// Whether the MLP for all tokens has biases.
  MixtureDraft sharedBiases(boolean with) {
    sharedBias = with;
    return this;
  }

  MixtureOfExperts done() {
    // The router and the shared MLP read the same rows.
    String input = sharedInner > 0 ? "shared_gate_up" : "router";
    Router router =
        new Router(
            kept(Role.ROUTER, counts.experts(), routerBias, input),
            score,
            counts.chosen(),
            corrected
                ? Optional.of(
                    new Parameter(
                        new WeightId(layer, Role.ROUTER_CORRECTION), "", counts.experts()))
                : Optional.empty(),
            groups,
            normalised,
            (float) scale,
            ofInput);
    List<Mlp> experts = new ArrayList<>();
    for (int e = 0; e < counts.experts(); e++) {
      experts.add(expert(e));
    }
    return new MixtureOfExperts(router, experts, shared(input));
  }

  private Linear kept(Role role, int out, boolean withBias, String input) {
    String own = role.name().toLowerCase();
    return new Linear(new WeightId(layer, role), out, hidden, withBias, input, own).kept();
  }

  private Mlp expert(int e) {
    String up = "experts." + e + ".gate_up";
    int inner = counts.inner();
    Mlp.Inner values =
        fused
            ? new Mlp.Inner.Fused(linear(Role.GATE_UP, e, 2 * inner, hidden, up), alternating)
            : new Mlp.Inner.Gated(
                linear(Role.GATE, e, inner, hidden, up), linear(Role.UP, e, inner, hidden, up));
    Linear down = linear(Role.DOWN, e, hidden, inner, "experts." + e + ".down");
    return new Mlp(values, down, activation, clamp);
  }

  private Linear linear(Role role, int e, int out, int in, String group) {
    return new Linear(new WeightId(layer, role, e), out, in, bias, group, group).stored(layout);
  }

  private Optional<Shared> shared(String input) {
    if (sharedInner == 0) {
      return Optional.empty();
    }
    Mlp mlp =
        new Mlp(
            new Mlp.Inner.Gated(
                Parts.linear(layer, Role.SHARED_GATE, sharedInner, hidden, sharedBias, input),
                Parts.linear(layer, Role.SHARED_UP, sharedInner, hidden, sharedBias, input)),
            Parts.linear(layer, Role.SHARED_DOWN, hidden, sharedInner, sharedBias, "shared_down"),
            activation);
    return Optional.of(
        new Shared(
            mlp,
            sharedWeight
                ? Optional.of(kept(Role.SHARED_WEIGHT, 1, false, input))
                : Optional.empty()));
  }
}
