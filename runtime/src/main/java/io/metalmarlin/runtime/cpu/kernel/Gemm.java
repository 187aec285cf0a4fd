package io.metalmarlin.runtime.cpu.kernel;

import java.lang.foreign.MemorySegment;

/// `C = alpha A op(B)`, row-major fp32, one thread.
public interface Gemm {
  /// @param transB whether `op(B) = B'` with B `[n, k]`; otherwise B is `[k, n]`
  /// @param a `[m, k]` with leading dimension `lda` in elements; likewise `b` and `c [m, n]`
  void multiply(
      boolean transB,
      int m,
      int n,
      int k,
      float alpha,
      MemorySegment a,
      int lda,
      MemorySegment b,
      int ldb,
      MemorySegment c,
      int ldc);
}
