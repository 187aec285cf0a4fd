package io.metalmarlin.runtime.decode;

import io.metalmarlin.runtime.backend.Backend;
import io.metalmarlin.runtime.backend.Matrix;
import io.metalmarlin.runtime.backend.NormWeights;
import io.metalmarlin.runtime.backend.Tensor;
import io.metalmarlin.runtime.model.ModelSpec;
import io.metalmarlin.runtime.model.ModelSpec.Embedding;
import io.metalmarlin.runtime.model.Sequences;
import io.metalmarlin.runtime.model.Weights;
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

  private record Input(Matrix table, @Nullable Matrix positions, @Nullable NormWeights norm) {}

  private record Output(Product head, @Nullable NormWeights norm) {}

  Ends(ModelSpec spec, Weights weights, Workspace workspace) {
    this.spec = spec;
    this.weights = weights;
    this.workspace = workspace;
    this.backend = workspace.backend();
  }

  void embed(int[] ids, Sequences sequences, Tensor out) {
    Input in = input();
    Embedding e = spec.embedding();
    backend.embed(in.table(), ids, out);
    if (e.scale() != 1) {
      backend.scale(out, e.scale());
    }
    if (in.positions() != null) {
      int[] rows = new int[ids.length];
      for (int r = 0; r < rows.length; r++) {
        rows[r] = sequences.past() + r % sequences.length() + e.positions().orElseThrow().offset();
      }
      Tensor learned = workspace.tensor("positions", out.rows(), out.cols());
      backend.embed(in.positions(), rows, learned);
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
              backend.upload(weights.matrix(e.table())), positions, Norms.of(e.norm(), weights));
      input = i;
    }
    return i;
  }

  private Output output() {
    Output o = output;
    if (o == null) {
      // Tied or not: the weights know which tensor the head's matrix is.
      o =
          new Output(
              Product.of(spec.head().linear(), weights, backend),
              Norms.of(spec.finalNorm(), weights));
      output = o;
    }
    return o;
  }
}
