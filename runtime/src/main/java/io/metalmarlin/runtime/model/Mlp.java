package io.metalmarlin.runtime.model;

import io.metalmarlin.runtime.model.ModelSpec.Linear;
import io.metalmarlin.runtime.model.ModelSpec.Parameter;
import java.util.List;

/// Two matrix products with an activation between: `down(activation(gate x) * (up x))`, or plain
/// `down(activation(up x))`.
///
/// Stages: the products up; the product down.
public record Mlp(Inner inner, Linear down, Activation activation) implements Mixer {
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

    /// Both in one matrix: all gate rows, then all rows up.
    record Fused(Linear gateUp) implements Inner {
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
