package io.metalmarlin.runtime.model;

import io.metalmarlin.runtime.model.ModelSpec.Linear;
import io.metalmarlin.runtime.model.ModelSpec.Parameter;

/// Where a decoder gets its weights: normally an opened checkpoint; the quantizer overlays the
/// blocks it has already written.
public interface Weights {
  /// The matrix of a linear layer or of an embedding, `[out, in]` however it is stored.
  ///
  /// @throws io.metalmarlin.formats.MarlinException `TENSOR_MISSING`, `TENSOR_MISMATCH` (shape or
  ///   type)
  StoredMatrix matrix(Linear linear);

  /// The values of a tensor (or of its slice), row-major, widened to fp32.
  float[] values(Parameter parameter);
}
