package io.metalmarlin.runtime.decode;

import io.metalmarlin.runtime.backend.Backend;
import io.metalmarlin.runtime.backend.Matrix;
import io.metalmarlin.runtime.backend.Tensor;
import io.metalmarlin.runtime.model.ModelSpec.Linear;
import io.metalmarlin.runtime.model.Weights;
import org.jspecify.annotations.Nullable;

/// A matrix and its bias on a backend.
record Product(Matrix matrix, float @Nullable [] bias) {
  static Product of(Linear l, Weights weights, Backend backend) {
    Matrix matrix = backend.upload(weights.matrix(l));
    return new Product(matrix, l.biasParameter().map(weights::values).orElse(null));
  }

  /// `x W' + b` in a tensor of the workspace.
  ///
  /// @param name of that tensor
  Tensor times(Tensor x, String name, Workspace workspace) {
    Tensor out = workspace.tensor(name, x.rows(), matrix.rows());
    workspace.backend().matmul(x, matrix, bias, out);
    return out;
  }
}
