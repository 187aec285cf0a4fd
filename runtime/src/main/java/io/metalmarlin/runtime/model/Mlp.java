package io.metalmarlin.runtime.model;

import io.metalmarlin.runtime.model.ModelSpec.Linear;
import io.metalmarlin.runtime.model.ModelSpec.Parameter;
import java.util.List;
import java.util.Optional;

/// Two matrix products with an activation between: `down(activation(gate x) * (up x))`, or plain
/// `down(activation(up x))`.
///
/// Stages: the products up; the product down.
///
/// @param clamp of gate and up, where the inner values are those of [Clamp] instead
public record Mlp(Inner inner, Linear down, Activation activation, Optional<Clamp> clamp)
    implements Mixer {
  public Mlp(Inner inner, Linear down, Activation activation) {
    this(inner, down, activation, Optional.empty());
  }

  /// Inner values `g sigmoid(alpha g) (u + 1)`, where `g` is the gate, at most `limit`, and `u` is
  /// up, between `-limit` and `limit`.
  public record Clamp(float alpha, float limit) {}

  /// How the inner values come about.
  public sealed interface Inner {
    List<Linear> linears();

    /// Two matrices, one behind the activation.
    record Gated(Linear gate, Linear up) implements Inner {
      @Override
      public List<Linear> linears() {
        return List.of(gate, up);
      }
    }

    /// Both in one matrix.
    ///
    /// @param alternating rows of gate and up take turns; otherwise all gate rows come first
    record Fused(Linear gateUp, boolean alternating) implements Inner {
      @Override
      public List<Linear> linears() {
        return List.of(gateUp);
      }
    }

    /// One matrix and the activation.
    record Plain(Linear up) implements Inner {
      @Override
      public List<Linear> linears() {
        return List.of(up);
      }
    }
  }

  @Override
  public List<List<Linear>> stages() {
    return List.of(inner.linears(), List.of(down));
  }

  @Override
  public List<Parameter> parameters() {
    return List.of();
  }
}
