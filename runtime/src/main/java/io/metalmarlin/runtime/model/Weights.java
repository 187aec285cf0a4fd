package io.metalmarlin.runtime.model;

import io.metalmarlin.formats.model.WeightId;

/// Where a decoder gets its weights: normally an opened checkpoint; the quantizer overlays the
/// blocks it has already written.
public interface Weights {
  /// The matrix of a linear layer or of the embedding.
  ///
  /// @throws io.metalmarlin.formats.MarlinException `TENSOR_MISSING`, `TENSOR_MISMATCH` (shape or
  ///   type)
  StoredMatrix matrix(WeightId id, int rows, int cols);

  /// A one-dimensional tensor of the module, widened to fp32.
  ///
  /// @param tensor `weight` or `bias`
  float[] vector(WeightId id, String tensor, int size);
}
