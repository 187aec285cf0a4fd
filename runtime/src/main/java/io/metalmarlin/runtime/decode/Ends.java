package io.metalmarlin.runtime.decode;

import io.metalmarlin.runtime.backend.Backend;
import io.metalmarlin.runtime.backend.Matrix;
import io.metalmarlin.runtime.backend.NormWeights;
import io.metalmarlin.runtime.backend.Tensor;
import io.metalmarlin.runtime.model.ModelSpec;
import io.metalmarlin.runtime.model.ModelSpec.Embedding;
import io.metalmarlin.runtime.model.ModelSpec.Linear;
import io.metalmarlin.runtime.model.Sequences;
import io.metalmarlin.runtime.model.Weights;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What lies before the first block and behind the last: embedding and head. Weights are fetched
/// when first needed.
final class Ends {
  private final ModelSpec spec;
  private final Weights weights;
  private final Workspace workspace;
  private final Backend backend;
  private @Nullable Input input;
  private @Nullable Output output;

  private record Input(
      Matrix table,
      @Nullable Product projection,
      @Nullable Matrix positions,
      @Nullable NormWeights norm) {}

  private record Output(@Nullable NormWeights norm, @Nullable Product projection, Product head) {}

  Ends(ModelSpec spec, Weights weights, Workspace workspace) {
    this.spec = spec;
    this.weights = weights;
    this.workspace = workspace;
    this.backend = workspace.backend();
  }

  void embed(int[] ids, Sequences sequences, Tensor out) {
    Input in = input();
    Embedding e = spec.embedding();
    boolean narrow = in.projection() != null;
    Tensor rows = narrow ? workspace.tensor("token", out.rows(), e.table().in()) : out;
    backend.embed(in.table(), ids, rows);
    if (e.scale() != 1) {
      backend.scale(rows, e.scale());
    }
    if (in.projection() != null) {
      backend.matmul(rows, in.projection().matrix(), in.projection().bias(), out);
    }
    if (in.positions() != null) {
      int[] places = new int[ids.length];
      for (int r = 0; r < places.length; r++) {
        places[r] =
            sequences.past() + r % sequences.length() + e.positions().orElseThrow().offset();
      }
      Tensor learned = workspace.tensor("positions", out.rows(), out.cols());
      backend.embed(in.positions(), places, learned);
      backend.add(out, learned);
    }
    if (in.norm() != null) {
      backend.norm(out, in.norm(), out);
    }
  }

  void logits(Tensor hidden, Tensor out) {
    Output o = output();
    Tensor x = hidden;
    if (o.norm() != null) {
      x = workspace.tensor("final", hidden.rows(), hidden.cols());
      backend.norm(hidden, o.norm(), x);
    }
    if (o.projection() != null) {
      x = o.projection().times(x, "narrow", workspace);
    }
    backend.matmul(x, o.head().matrix(), o.head().bias(), out);
    if (spec.head().scale() != 1) {
      backend.scale(out, spec.head().scale());
    }
    if (spec.head().softcap() > 0) {
      backend.softcap(out, spec.head().softcap());
    }
  }

  private Input input() {
    Input i = input;
    if (i == null) {
      Embedding e = spec.embedding();
      Matrix positions =
          e.positions().isPresent()
              ? backend.upload(weights.matrix(e.positions().get().table()))
              : null;
      i =
          new Input(
              backend.upload(weights.matrix(e.table())),
              product(e.projection()),
              positions,
              Norms.of(e.norm(), weights));
      input = i;
    }
    return i;
  }

  private Output output() {
    Output o = output;
    if (o == null) {
      o =
          new Output(
              Norms.of(spec.finalNorm(), weights), product(spec.head().projection()), head());
      output = o;
    }
    return o;
  }

  private @Nullable Product product(Optional<Linear> linear) {
    return linear.isPresent() ? Product.of(linear.get(), weights, backend) : null;
  }

  /// A tied head is the embedding, which is on the device once.
  private Product head() {
    Linear l = spec.head().linear();
    return spec.head().tied()
        ? new Product(input().table(), l.biasParameter().map(weights::values).orElse(null))
        : Product.of(l, weights, backend);
  }
}
