package io.metalmarlin.runtime.cpu.simd;

import io.metalmarlin.runtime.blas.OpenBlas;
import io.metalmarlin.runtime.cpu.kernel.Gemm;
import java.lang.foreign.MemorySegment;

/// The product by OpenBLAS.
public final class OpenBlasGemm implements Gemm {
  @Override
  public void multiply(
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
      int ldc) {
    OpenBlas.sgemm(false, transB, m, n, k, alpha, a, lda, b, ldb, 0f, c, ldc);
  }
}
