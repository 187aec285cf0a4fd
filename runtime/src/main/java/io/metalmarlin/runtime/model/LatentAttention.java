package io.metalmarlin.runtime.model;

import io.metalmarlin.runtime.model.ModelSpec.Linear;
import io.metalmarlin.runtime.model.ModelSpec.Parameter;
import java.util.ArrayList;
import java.util.List;

/// Multi-head latent attention: keys and values of all heads come out of one short vector for each
/// token. A key is a part of its head's own and a rotated part that all heads share; a query has
/// the same two parts, the rotated one last.
///
/// Stages: down to the latents; up to queries, keys and values; the projection back.
///
/// @param queries how they come about
/// @param kvDown to the latent and behind it the shared part of the keys
/// @param kvNorm of the latent
/// @param kvUp per head: its own part of the key, its value
/// @param widths of a head
/// @param rope of the rotated parts
public record LatentAttention(
    Queries queries,
    Linear kvDown,
    Norm kvNorm,
    Linear kvUp,
    Linear o,
    Widths widths,
    Rope rope,
    Scores scores)
    implements Mixer {
  /// Where queries come from.
  public sealed interface Queries {
    /// One matrix.
    record Direct(Linear q) implements Queries {}

    /// Two matrices and a norm between them.
    record Latent(Linear down, Norm norm, Linear up) implements Queries {}
  }

  /// @param own values of a key that only its head has
  /// @param shared values of a key that are rotated and the same in all heads
  /// @param value values of a value
  public record Widths(int heads, int own, int shared, int value) {
    public int key() {
      return own + shared;
    }

    /// As plain attention with as many key heads as heads, which it is once keys and values are
    /// there.
    public Heads expanded() {
      return new Heads(heads, heads, key(), value);
    }
  }

  @Override
  public List<List<Linear>> stages() {
    return switch (queries) {
      case Queries.Direct d -> List.of(List.of(d.q(), kvDown), List.of(kvUp), List.of(o));
      case Queries.Latent l ->
          List.of(List.of(l.down(), kvDown), List.of(l.up(), kvUp), List.of(o));
    };
  }

  @Override
  public List<Parameter> parameters() {
    List<Parameter> all = new ArrayList<>();
    if (queries instanceof Queries.Latent l) {
      all.addAll(l.norm().parameters());
    }
    all.addAll(kvNorm.parameters());
    return all;
  }
}
