package io.metalmarlin.runtime.backend;

/// A weight matrix on a backend: `[rows = out, cols = in]`.
public interface Matrix {
  int rows();

  int cols();
}
