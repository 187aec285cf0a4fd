package io.metalmarlin.runtime.model;

import io.metalmarlin.runtime.model.ModelSpec.Linear;
import io.metalmarlin.runtime.model.ModelSpec.Parameter;
import java.util.ArrayList;
import java.util.List;

/// Differential attention: the heads of the second half attend for what those of the first half are
/// to ignore, and a part of their result is taken away.
///
/// Every head mixes values of twice the width: key head `g` of `G` has the value heads `g mod G/2`
/// and `G/2 + g mod G/2`, one behind the other. With `m[h]` the result of head `h` of `H`, pair `p`
/// gives `(1 - start) * norm(m[p] - lambda * m[p + H/2])`, where `lambda = exp(q1 . k1) - exp(q2 .
/// k2) + start`.
///
/// Stages: the projections to queries, keys and values; the projection back.
///
/// @param heads of the projections, which know nothing of pairs
/// @param lambda the vectors q1, k1, q2, k2
/// @param start what lambda was when training began
/// @param norm of each pair's result
public record DifferentialAttention(
    Attention.Projections.Separate projections,
    Linear o,
    Heads heads,
    Rope rope,
    Scores scores,
    List<Parameter> lambda,
    float start,
    Norm norm)
    implements Mixer {
  public DifferentialAttention {
    lambda = List.copyOf(lambda);
    if (lambda.size() != 4 || heads.heads() % 2 != 0 || heads.kvHeads() % 2 != 0) {
      throw new IllegalArgumentException(lambda.size() + " vectors, " + heads);
    }
  }

  /// The heads of the softmax: values are twice as wide.
  public Heads attending() {
    return new Heads(heads.heads(), heads.kvHeads(), heads.keyDim(), 2 * heads.valueDim());
  }

  @Override
  public List<List<Linear>> stages() {
    return List.of(projections.linears(), List.of(o));
  }

  @Override
  public List<Parameter> parameters() {
    List<Parameter> all = new ArrayList<>(lambda);
    all.addAll(norm.parameters());
    return all;
  }
}
