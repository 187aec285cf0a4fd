package io.metalmarlin.runtime.decode;

import io.metalmarlin.runtime.backend.Backend;
import io.metalmarlin.runtime.backend.Columns;
import io.metalmarlin.runtime.backend.Tensor;
import io.metalmarlin.runtime.model.Attention.Projections;
import io.metalmarlin.runtime.model.Heads;
import io.metalmarlin.runtime.model.QkvLayout;
import io.metalmarlin.runtime.model.Weights;
import java.util.List;

/// The projections of an attention: from its input to queries, keys and values, each in a tensor of
/// its own.
final class QkvProducts {
  record Parts(Tensor q, Tensor k, Tensor v) {}

  private final Projections projections;
  private final Heads heads;
  private final Workspace workspace;
  private final Backend backend;
  private final List<Product> products;

  QkvProducts(Projections projections, Heads heads, Weights weights, Workspace workspace) {
    this.projections = projections;
    this.heads = heads;
    this.workspace = workspace;
    this.backend = workspace.backend();
    this.products =
        projections.linears().stream().map(l -> Product.of(l, weights, backend)).toList();
  }

  Parts of(Tensor x) {
    return switch (projections) {
      case Projections.Separate s ->
          new Parts(
              s.gated() ? gated(x) : products.get(0).times(x, "q", workspace),
              products.get(1).times(x, "k", workspace),
              products.get(2).times(x, "v", workspace));
      case Projections.Fused f -> split(products.getFirst().times(x, "qkv", workspace), f.layout());
    };
  }

  /// The gates of the batch that [#of] was last called with.
  Tensor gate(int rows) {
    return workspace.tensor("gate", rows, heads.queryWidth());
  }

  private Tensor gated(Tensor x) {
    Tensor both = products.get(0).times(x, "q_gate", workspace);
    Tensor q = workspace.tensor("q", x.rows(), heads.queryWidth());
    Tensor gate = gate(x.rows());
    int width = heads.keyDim();
    Columns all = Columns.of(0, heads.queryWidth());
    backend.copy(both, new Columns(0, width, 2 * width, heads.heads()), q, all);
    backend.copy(both, new Columns(width, width, 2 * width, heads.heads()), gate, all);
    return q;
  }

  private Parts split(Tensor fused, QkvLayout layout) {
    int rows = fused.rows();
    Tensor q = workspace.tensor("q", rows, heads.queryWidth());
    Tensor k = workspace.tensor("k", rows, heads.keyWidth());
    Tensor v = workspace.tensor("v", rows, heads.valueWidth());
    // A set of rows: the queries of some heads, their key, their value.
    int sets = layout == QkvLayout.BY_KIND ? 1 : heads.kvHeads();
    int queries = heads.queryWidth() / sets;
    int keys = heads.keyWidth() / sets;
    int values = heads.valueWidth() / sets;
    int step = queries + keys + values;
    part(fused, new Columns(0, queries, step, sets), q);
    part(fused, new Columns(queries, keys, step, sets), k);
    part(fused, new Columns(queries + keys, values, step, sets), v);
    return new Parts(q, k, v);
  }

  private void part(Tensor fused, Columns columns, Tensor to) {
    backend.copy(fused, columns, to, Columns.of(0, to.cols()));
  }
}
