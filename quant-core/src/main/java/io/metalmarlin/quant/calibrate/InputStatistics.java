package io.metalmarlin.quant.calibrate;

import org.nd4j.linalg.api.ndarray.INDArray;

/// Second moments of one linear input over the calibration tokens; linears with the same input
/// share it.
///
/// @param hessian `H = X'X / tokens`, `[cols, cols]`, symmetric (both triangles filled), fp64,
///   c-order, offset 0, owned by this record
/// @param tokens rows of X that entered
/// @param absMax largest absolute input, for static activation scales
public record InputStatistics(INDArray hessian, long tokens, float absMax)
    implements AutoCloseable {
  public int cols() {
    return (int) hessian.size(0);
  }

  @Override
  public void close() {
    hessian.close();
  }
}
