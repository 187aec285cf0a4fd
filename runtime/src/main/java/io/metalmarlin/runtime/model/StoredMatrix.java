package io.metalmarlin.runtime.model;

import io.metalmarlin.formats.model.InputTransform;
import io.metalmarlin.formats.scheme.PackedMatrix;
import io.metalmarlin.formats.tensor.DType;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/// One matrix as the checkpoint stores it: a view of mapped bytes, valid as long as the checkpoint.
public sealed interface StoredMatrix {
  int rows();

  int cols();

  /// Row-major elements of a floating-point type (BF16, F16 or F32).
  record Dense(DType dtype, int rows, int cols, MemorySegment bytes) implements StoredMatrix {}

  /// Packed codes, and the transform its input needs.
  record Packed(PackedMatrix matrix, Optional<InputTransform> transform) implements StoredMatrix {
    @Override
    public int rows() {
      return matrix.rows();
    }

    @Override
    public int cols() {
      return matrix.cols();
    }
  }
}
