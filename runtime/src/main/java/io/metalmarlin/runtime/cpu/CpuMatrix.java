package io.metalmarlin.runtime.cpu;

import io.metalmarlin.runtime.backend.Matrix;
import io.metalmarlin.runtime.cpu.kernel.MatrixKernel;
import io.metalmarlin.runtime.model.StoredMatrix;

/// A weight matrix as the checkpoint stores it and the kernel that reads it; copies nothing.
record CpuMatrix(StoredMatrix stored, MatrixKernel kernel) implements Matrix {
  @Override
  public int rows() {
    return stored.rows();
  }

  @Override
  public int cols() {
    return stored.cols();
  }
}
