package io.metalmarlin.runtime.decode;

import io.metalmarlin.runtime.backend.Backend;
import io.metalmarlin.runtime.backend.Tensor;
import java.util.HashMap;
import java.util.Map;

/// The intermediate tensors of a decoder, by name and width: they grow to the most rows asked for
/// and are shared by all blocks, so a tensor is valid until the same name is asked for again.
final class Workspace implements AutoCloseable {
  private record Key(String name, int cols) {}

  private final Backend backend;
  private final Map<Key, Tensor> tensors = new HashMap<>();

  Workspace(Backend backend) {
    this.backend = backend;
  }

  Backend backend() {
    return backend;
  }

  /// A tensor of that size, with whatever was in it before.
  Tensor tensor(String name, int rows, int cols) {
    Key key = new Key(name, cols);
    Tensor whole = tensors.get(key);
    if (whole == null || whole.rows() < rows) {
      if (whole != null) {
        whole.close();
      }
      whole = backend.allocate(rows, cols);
      tensors.put(key, whole);
    }
    return backend.rows(whole, 0, rows);
  }

  @Override
  public void close() {
    tensors.values().forEach(Tensor::close);
  }
}
