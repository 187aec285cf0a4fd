package io.metalmarlin.quant.calibrate;

import org.nd4j.linalg.api.ndarray.INDArray;

/// How far the quantized prefix has moved one linear input, over the calibration tokens.
///
/// With X the input in full precision and Xq the one behind the quantized prefix, the output that
/// counts is `X W'`, and the best weights for Xq are `W* = W X'Xq inv(Xq'Xq) = W + W cross inv(H)`.
/// The difference is summed instead of `X'Xq` itself, so that no drift at all gives exact zeros.
///
/// @param cross `(X - Xq)'Xq / tokens`, `[cols, cols]`, fp64, c-order, owned by this record
/// @param tokens pairs of rows that entered
public record InputDrift(INDArray cross, long tokens) implements AutoCloseable {
  /// Frees the matrix once; later calls do nothing.
  @Override
  public void close() {
    if (!cross.wasClosed()) {
      cross.close();
    }
  }
}
