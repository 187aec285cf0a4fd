package io.metalmarlin.runtime.cpu.scalar;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import io.metalmarlin.runtime.cpu.kernel.Gemm;
import java.lang.foreign.MemorySegment;

/// The product by its definition, sums in fp64.
public final class ScalarGemm implements Gemm {
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
    for (int i = 0; i < m; i++) {
      for (int j = 0; j < n; j++) {
        double sum = 0;
        for (int t = 0; t < k; t++) {
          long at = transB ? (long) j * ldb + t : (long) t * ldb + j;
          sum +=
              (double) a.getAtIndex(JAVA_FLOAT_UNALIGNED, (long) i * lda + t)
                  * b.getAtIndex(JAVA_FLOAT_UNALIGNED, at);
        }
        c.setAtIndex(JAVA_FLOAT_UNALIGNED, (long) i * ldc + j, (float) (alpha * sum));
      }
    }
  }
}
