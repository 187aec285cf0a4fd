package io.metalmarlin.runtime.model;

import io.metalmarlin.runtime.model.ModelSpec.Linear;
import io.metalmarlin.runtime.model.ModelSpec.Parameter;
import java.util.ArrayList;
import java.util.List;

/// The gated delta rule: a memory per head that decays by what each token says, and to which each
/// token adds the difference between its value and what its key recalls.
///
/// Queries, keys and values go through a short causal convolution and an activation; queries and
/// keys are brought to length one, queries divided by `sqrt(keyDim)`. With `decay = exp(-exp(A)
/// softplus(a + bias))` and `rate = sigmoid(b)`: `S = decay S; S += k' (rate (v - k S))`, and the
/// result is `o(norm(q S) * silu(z))`.
///
/// Stages: the projections; the projection back.
///
/// @param mixed per key head: query, key, its value heads' values, their gates z
/// @param rates per key head: b of its value heads, a of them
/// @param convolution `[columns of q, k and v, 1, kernel width]`
/// @param decay A
/// @param stepBias the bias of a
/// @param norm of each value head
public record GatedDeltaNet(
    Linear mixed,
    Linear rates,
    Linear o,
    Recurrence heads,
    Activation activation,
    Parameter convolution,
    Parameter decay,
    Parameter stepBias,
    Norm norm)
    implements Mixer {
  /// Tokens that the convolution sees, the current one among them.
  public int kernel() {
    return Math.toIntExact(convolution.shape().getLast());
  }

  @Override
  public List<List<Linear>> stages() {
    return List.of(List.of(mixed, rates), List.of(o));
  }

  @Override
  public List<Parameter> parameters() {
    List<Parameter> all = new ArrayList<>(List.of(convolution, decay, stepBias));
    all.addAll(norm.parameters());
    return all;
  }
}
