package io.metalmarlin.runtime.blas;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Arrays;

/// The whole native surface of OpenBLAS that is used, with the C signatures of `cblas.h` and
/// `lapacke.h` of OpenBLAS 0.3.31. `blasint` and `lapack_int` are 32 bits in that build.
final class OpenBlasNative {
  static final int ROW_MAJOR = 101;
  static final int COL_MAJOR = 102;
  static final int NO_TRANS = 111;
  static final int TRANS = 112;
  static final int UPPER = 121;
  static final int LOWER = 122;
  static final int NON_UNIT = 131;
  static final int LEFT = 141;
  static final int RIGHT = 142;

  private OpenBlasNative() {}

  /// `void openblas_set_num_threads(int)`
  static final MethodHandle SET_NUM_THREADS =
      bind("openblas_set_num_threads", FunctionDescriptor.ofVoid(JAVA_INT));

  /// `char *openblas_get_corename(void)`
  static final MethodHandle GET_CORENAME =
      bind("openblas_get_corename", FunctionDescriptor.of(ADDRESS));

  /// `char *openblas_get_config(void)`
  static final MethodHandle GET_CONFIG =
      bind("openblas_get_config", FunctionDescriptor.of(ADDRESS));

  /// `void cblas_sgemm(order, transA, transB, M, N, K, float alpha, A, lda, B, ldb, float beta, C,
  /// ldc)`
  static final MethodHandle SGEMM = bind("cblas_sgemm", gemm(JAVA_FLOAT));

  /// `void cblas_dgemm(order, transA, transB, M, N, K, double alpha, A, lda, B, ldb, double beta,
  /// C, ldc)`
  static final MethodHandle DGEMM = bind("cblas_dgemm", gemm(JAVA_DOUBLE));

  /// `void cblas_ssyrk(order, uplo, trans, N, K, float alpha, A, lda, float beta, C, ldc)`
  static final MethodHandle SSYRK = bind("cblas_ssyrk", syrk(JAVA_FLOAT));

  /// `void cblas_dsyrk(order, uplo, trans, N, K, double alpha, A, lda, double beta, C, ldc)`
  static final MethodHandle DSYRK = bind("cblas_dsyrk", syrk(JAVA_DOUBLE));

  /// `void cblas_strsm(order, side, uplo, transA, diag, M, N, float alpha, A, lda, B, ldb)`
  static final MethodHandle STRSM = bind("cblas_strsm", trsm(JAVA_FLOAT));

  /// `void cblas_dtrsm(order, side, uplo, transA, diag, M, N, double alpha, A, lda, B, ldb)`
  static final MethodHandle DTRSM = bind("cblas_dtrsm", trsm(JAVA_DOUBLE));

  /// `int LAPACKE_spotrf(int matrix_layout, char uplo, int n, float *a, int lda)`
  static final MethodHandle SPOTRF = bind("LAPACKE_spotrf", potrf());

  /// `int LAPACKE_dpotrf(int matrix_layout, char uplo, int n, double *a, int lda)`
  static final MethodHandle DPOTRF = bind("LAPACKE_dpotrf", potrf());

  private static FunctionDescriptor gemm(ValueLayout real) {
    return FunctionDescriptor.ofVoid(
        ints(6, real, ADDRESS, JAVA_INT, ADDRESS, JAVA_INT, real, ADDRESS, JAVA_INT));
  }

  private static FunctionDescriptor syrk(ValueLayout real) {
    return FunctionDescriptor.ofVoid(ints(5, real, ADDRESS, JAVA_INT, real, ADDRESS, JAVA_INT));
  }

  private static FunctionDescriptor trsm(ValueLayout real) {
    return FunctionDescriptor.ofVoid(ints(7, real, ADDRESS, JAVA_INT, ADDRESS, JAVA_INT));
  }

  private static FunctionDescriptor potrf() {
    return FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_BYTE, JAVA_INT, ADDRESS, JAVA_INT);
  }

  private static MemoryLayout[] ints(int count, MemoryLayout... rest) {
    MemoryLayout[] all = new MemoryLayout[count + rest.length];
    Arrays.fill(all, 0, count, JAVA_INT);
    System.arraycopy(rest, 0, all, count, rest.length);
    return all;
  }

  private static MethodHandle bind(String symbol, FunctionDescriptor signature) {
    return Linker.nativeLinker()
        .downcallHandle(OpenBlasLibrary.open().findOrThrow(symbol), signature);
  }

  static {
    // Parallelism is ours, over fixed tiles: a second thread pool would only fight with it.
    try {
      SET_NUM_THREADS.invokeExact(1);
    } catch (Throwable e) {
      throw new IllegalStateException("openblas_set_num_threads", e);
    }
  }
}
