package io.metalmarlin.runtime.model;

import io.metalmarlin.runtime.model.ModelSpec.Linear;
import io.metalmarlin.runtime.model.ModelSpec.Parameter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Causal softmax attention, multi-head or grouped-query: `o(attend(q x, k x, v x))`.
///
/// Stages: the projections to queries, keys and values; the projection back.
///
/// @param projections how q, k and v come about
/// @param headNorms norms of queries and keys
/// @param rope rotary embedding, where this layer has one
/// @param sinks a learned score per head that takes its share of the softmax
/// @param temperature factor of the queries that grows with their position
public record Attention(
    Projections projections,
    Linear o,
    Heads heads,
    Optional<HeadNorms> headNorms,
    Optional<Rope> rope,
    Scores scores,
    Optional<Parameter> sinks,
    Optional<Temperature> temperature)
    implements Mixer {
  /// Where queries, keys and values come from.
  public sealed interface Projections {
    List<Linear> linears();

    /// Three matrices.
    ///
    /// @param gated `q` holds per head the query and then a gate of the same width; the sigmoid of
    ///   the gates multiplies the heads' results
    record Separate(Linear q, Linear k, Linear v, boolean gated) implements Projections {
      @Override
      public List<Linear> linears() {
        return List.of(q, k, v);
      }
    }

    /// One matrix.
    record Fused(Linear qkv, QkvLayout layout) implements Projections {
      @Override
      public List<Linear> linears() {
        return List.of(qkv);
      }
    }
  }

  /// Norms of queries and keys, over heads or whole rows.
  ///
  /// @param afterRope they follow the rotary embedding
  public record HeadNorms(Norm q, Norm k, boolean afterRope) {}

  /// `1 + scale * ln(1 + floor((position + 1) / floor))`.
  public record Temperature(float scale, float floor) {
    public float at(int position) {
      return (float) (1 + scale * Math.log1p(Math.floor((position + 1.0) / floor)));
    }
  }

  @Override
  public List<List<Linear>> stages() {
    return List.of(projections.linears(), List.of(o));
  }

  @Override
  public List<Parameter> parameters() {
    List<Parameter> all = new ArrayList<>();
    headNorms.ifPresent(n -> {
      all.addAll(n.q().parameters());
      all.addAll(n.k().parameters());
    });
    sinks.ifPresent(all::add);
    return all;
  }
}
