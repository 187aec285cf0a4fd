package io.metalmarlin.runtime.backend;

/// A handle to `rows x cols` fp32 values in a backend's memory, row-major. Owned by whoever
/// allocated it; does no arithmetic.
public interface Tensor extends AutoCloseable {
  int rows();

  int cols();

  @Override
  void close();
}
