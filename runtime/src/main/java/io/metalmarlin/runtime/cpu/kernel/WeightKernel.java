package io.metalmarlin.runtime.cpu.kernel;

import io.metalmarlin.runtime.model.StoredMatrix;

/// Reads one stored form of weight matrix.
public interface WeightKernel extends MatrixKernel {
  /// Whether it reads this matrix.
  boolean accepts(StoredMatrix matrix);

  /// The kernel that reads this one matrix: this one, or one of its own that keeps the codes in
  /// another order as well.
  default MatrixKernel open(StoredMatrix matrix) {
    return this;
  }
}
