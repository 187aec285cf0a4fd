package io.metalmarlin.runtime.model;

import io.metalmarlin.runtime.model.ModelSpec.Linear;
import io.metalmarlin.runtime.model.ModelSpec.Parameter;
import java.util.List;

/// Linear attention with a fixed decay for each head (lightning attention): `o(sigmoid(gate x) *
/// norm(q S))`, where the memory is `S = decay * S + k' v` and q, k and v are what the activation
/// makes of the projections.
///
/// Stages: the projections to queries, keys, values and gates; the projection back.
///
/// @param qkv per head: query, key, value
/// @param decays by head
public record LinearAttention(
    Linear qkv,
    Linear gate,
    Linear o,
    Recurrence heads,
    Activation activation,
    List<Float> decays,
    Norm norm)
    implements Mixer {
  public LinearAttention {
    decays = List.copyOf(decays);
    if (decays.size() != heads.valueHeads()) {
      throw new IllegalArgumentException(decays.size() + " decays for " + heads);
    }
  }

  @Override
  public List<List<Linear>> stages() {
    return List.of(List.of(qkv, gate), List.of(o));
  }

  @Override
  public List<Parameter> parameters() {
    return norm.parameters();
  }
}
