package io.metalmarlin.runtime.decode;

import io.metalmarlin.runtime.backend.Backend;
import io.metalmarlin.runtime.backend.Tensor;
import io.metalmarlin.runtime.model.ModelSpec;
import java.util.ArrayList;
import java.util.List;

/// The intermediate tensors of a block for up to `capacity` rows; [#rows] gives views of the first
/// rows.
final class Workspace implements AutoCloseable {
  /// Views for a batch of a certain number of rows.
  ///
  /// @param normed input of q/k/v and of gate/up
  /// @param mixed the heads' outputs, input of o
  /// @param update what is added to the residual stream
  record Rows(
      Tensor normed,
      Tensor q,
      Tensor k,
      Tensor v,
      Tensor mixed,
      Tensor update,
      Tensor gate,
      Tensor up) {}

  private final Backend backend;
  private final int capacity;
  private final List<Tensor> whole = new ArrayList<>();

  Workspace(ModelSpec spec, Backend backend, int capacity) {
    this.backend = backend;
    this.capacity = capacity;
    int queries = 0;
    int keys = 0;
    int inner = 0;
    for (ModelSpec.Block b : spec.blocks()) {
      queries = Math.max(queries, b.attention().q().out());
      keys = Math.max(keys, b.attention().k().out());
      inner = Math.max(inner, b.mlp().gate().out());
    }
    for (int cols :
        new int[] {spec.hidden(), queries, keys, keys, queries, spec.hidden(), inner, inner}) {
      whole.add(backend.allocate(capacity, cols));
    }
  }

  int capacity() {
    return capacity;
  }

  Rows rows(int rows) {
    return new Rows(
        view(0, rows),
        view(1, rows),
        view(2, rows),
        view(3, rows),
        view(4, rows),
        view(5, rows),
        view(6, rows),
        view(7, rows));
  }

  private Tensor view(int i, int rows) {
    return backend.rows(whole.get(i), 0, rows);
  }

  @Override
  public void close() {
    whole.forEach(Tensor::close);
  }
}
