package io.metalmarlin.runtime.blas;

import static io.metalmarlin.runtime.blas.OpenBlasNative.COL_MAJOR;
import static io.metalmarlin.runtime.blas.OpenBlasNative.LEFT;
import static io.metalmarlin.runtime.blas.OpenBlasNative.NON_UNIT;
import static io.metalmarlin.runtime.blas.OpenBlasNative.NO_TRANS;
import static io.metalmarlin.runtime.blas.OpenBlasNative.RIGHT;
import static io.metalmarlin.runtime.blas.OpenBlasNative.ROW_MAJOR;
import static io.metalmarlin.runtime.blas.OpenBlasNative.TRANS;

import java.lang.foreign.MemorySegment;

/// BLAS and LAPACK on **row-major** matrices in native memory, one thread per call; safe to call
/// from several threads at once.
///
/// A matrix is a segment whose first element is entry (0, 0) and a leading dimension `ld`: entry
/// (i, j) is element `i * ld + j`. Sub-matrices are slices with the same `ld`. Segments must be
/// native and long enough, which every call checks: OpenBLAS itself would read on, or print to
/// stderr and do nothing.
///
/// The library is loaded by the first call (50-130 ms); [#load] does it on purpose.
public final class OpenBlas {
  private OpenBlas() {}

  /// Which half of a symmetric or triangular row-major matrix is read and written.
  public enum Triangle {
    /// Entries (i, j) with j >= i.
    UPPER(OpenBlasNative.UPPER, 'L'),
    /// Entries (i, j) with j <= i.
    LOWER(OpenBlasNative.LOWER, 'U');

    private final int cblas;
    // LAPACK is column-major inside; calling it with the other letter avoids LAPACKE's transposed
    // copy.
    private final byte lapack;

    Triangle(int cblas, char lapack) {
      this.cblas = cblas;
      this.lapack = (byte) lapack;
    }
  }

  /// On which side of the product the triangular matrix stands.
  public enum Side {
    /// `A X = B`
    LEFT,
    /// `X A = B`
    RIGHT
  }

  /// Loads the library now.
  ///
  /// @throws io.metalmarlin.formats.MarlinException when this platform's library cannot be found or
  ///   opened
  public static void load() {
    OpenBlasLibrary.open();
  }

  /// The kernel set OpenBLAS chose for this processor, for example `SkylakeX`. Reports only.
  public static String coreName() {
    load();
    try {
      return text((MemorySegment) OpenBlasNative.GET_CORENAME.invokeExact());
    } catch (Throwable e) {
      throw failure(e);
    }
  }

  /// Version and build options, for example `OpenBLAS 0.3.31 DYNAMIC_ARCH ...`. Reports only.
  public static String config() {
    load();
    try {
      return text((MemorySegment) OpenBlasNative.GET_CONFIG.invokeExact());
    } catch (Throwable e) {
      throw failure(e);
    }
  }

  /// `C = alpha op(A) op(B) + beta C` in fp32, `C [m, n]`, inner size `k`. With `beta` 0 the old C
  /// is not read.
  ///
  /// @param transA whether `op(A) = A'`, A being `[k, m]`; otherwise A is `[m, k]`
  /// @param transB whether `op(B) = B'`, B being `[n, k]`; otherwise B is `[k, n]`
  public static void sgemm(
      boolean transA,
      boolean transB,
      int m,
      int n,
      int k,
      float alpha,
      MemorySegment a,
      int lda,
      MemorySegment b,
      int ldb,
      float beta,
      MemorySegment c,
      int ldc) {
    checkGemm(transA, transB, m, n, k, a, lda, b, ldb, c, ldc, Float.BYTES);
    load();
    try {
      OpenBlasNative.SGEMM.invokeExact(
          ROW_MAJOR, op(transA), op(transB), m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
    } catch (Throwable e) {
      throw failure(e);
    }
  }

  /// [#sgemm] in fp64.
  public static void dgemm(
      boolean transA,
      boolean transB,
      int m,
      int n,
      int k,
      double alpha,
      MemorySegment a,
      int lda,
      MemorySegment b,
      int ldb,
      double beta,
      MemorySegment c,
      int ldc) {
    checkGemm(transA, transB, m, n, k, a, lda, b, ldb, c, ldc, Double.BYTES);
    load();
    try {
      OpenBlasNative.DGEMM.invokeExact(
          ROW_MAJOR, op(transA), op(transB), m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
    } catch (Throwable e) {
      throw failure(e);
    }
  }

  /// `C = alpha op(A) op(A)' + beta C` in fp32, one triangle of the symmetric `C [n, n]`.
  ///
  /// @param trans whether `op(A) = A'`, A being `[k, n]` (so C gets `A'A`); otherwise A is `[n, k]`
  public static void ssyrk(
      Triangle triangle,
      boolean trans,
      int n,
      int k,
      float alpha,
      MemorySegment a,
      int lda,
      float beta,
      MemorySegment c,
      int ldc) {
    check("A", a, trans ? k : n, trans ? n : k, lda, Float.BYTES);
    check("C", c, n, n, ldc, Float.BYTES);
    load();
    try {
      OpenBlasNative.SSYRK.invokeExact(
          ROW_MAJOR, triangle.cblas, op(trans), n, k, alpha, a, lda, beta, c, ldc);
    } catch (Throwable e) {
      throw failure(e);
    }
  }

  /// [#ssyrk] in fp64.
  public static void dsyrk(
      Triangle triangle,
      boolean trans,
      int n,
      int k,
      double alpha,
      MemorySegment a,
      int lda,
      double beta,
      MemorySegment c,
      int ldc) {
    check("A", a, trans ? k : n, trans ? n : k, lda, Double.BYTES);
    check("C", c, n, n, ldc, Double.BYTES);
    load();
    try {
      OpenBlasNative.DSYRK.invokeExact(
          ROW_MAJOR, triangle.cblas, op(trans), n, k, alpha, a, lda, beta, c, ldc);
    } catch (Throwable e) {
      throw failure(e);
    }
  }

  /// Solves `op(A) X = B` or `X op(A) = B` in fp32 for triangular A and overwrites `B [m, n]` with
  /// X.
  public static void strsm(
      Side side,
      Triangle triangle,
      boolean trans,
      int m,
      int n,
      MemorySegment a,
      int lda,
      MemorySegment b,
      int ldb) {
    int order = side == Side.LEFT ? m : n;
    check("A", a, order, order, lda, Float.BYTES);
    check("B", b, m, n, ldb, Float.BYTES);
    load();
    try {
      OpenBlasNative.STRSM.invokeExact(
          ROW_MAJOR, cblas(side), triangle.cblas, op(trans), NON_UNIT, m, n, 1f, a, lda, b, ldb);
    } catch (Throwable e) {
      throw failure(e);
    }
  }

  /// [#strsm] in fp64.
  public static void dtrsm(
      Side side,
      Triangle triangle,
      boolean trans,
      int m,
      int n,
      MemorySegment a,
      int lda,
      MemorySegment b,
      int ldb) {
    int order = side == Side.LEFT ? m : n;
    check("A", a, order, order, lda, Double.BYTES);
    check("B", b, m, n, ldb, Double.BYTES);
    load();
    try {
      OpenBlasNative.DTRSM.invokeExact(
          ROW_MAJOR, cblas(side), triangle.cblas, op(trans), NON_UNIT, m, n, 1d, a, lda, b, ldb);
    } catch (Throwable e) {
      throw failure(e);
    }
  }

  /// Cholesky factor in place, fp32: LOWER gives L with `A = L L'`, UPPER gives R with `A = R'R`;
  /// the other triangle is not touched.
  ///
  /// @return 0, or the 1-based index of the first pivot that is not positive, or a negative number
  ///   when the triangle holds NaN
  public static int spotrf(Triangle triangle, int n, MemorySegment a, int lda) {
    check("A", a, n, n, lda, Float.BYTES);
    load();
    try {
      return (int) OpenBlasNative.SPOTRF.invokeExact(COL_MAJOR, triangle.lapack, n, a, lda);
    } catch (Throwable e) {
      throw failure(e);
    }
  }

  /// [#spotrf] in fp64.
  public static int dpotrf(Triangle triangle, int n, MemorySegment a, int lda) {
    check("A", a, n, n, lda, Double.BYTES);
    load();
    try {
      return (int) OpenBlasNative.DPOTRF.invokeExact(COL_MAJOR, triangle.lapack, n, a, lda);
    } catch (Throwable e) {
      throw failure(e);
    }
  }

  private static void checkGemm(
      boolean transA,
      boolean transB,
      int m,
      int n,
      int k,
      MemorySegment a,
      int lda,
      MemorySegment b,
      int ldb,
      MemorySegment c,
      int ldc,
      int bytes) {
    check("A", a, transA ? k : m, transA ? m : k, lda, bytes);
    check("B", b, transB ? n : k, transB ? k : n, ldb, bytes);
    check("C", c, m, n, ldc, bytes);
  }

  private static void check(String name, MemorySegment s, int rows, int cols, int ld, int bytes) {
    long needed = rows == 0 ? 0 : ((long) (rows - 1) * ld + cols) * bytes;
    if (rows < 0 || cols < 0 || ld < Math.max(1, cols) || s.byteSize() < needed || !s.isNative()) {
      throw new IllegalArgumentException(
          "%s %dx%d with leading dimension %d needs %d bytes of native memory, got %d"
              .formatted(name, rows, cols, ld, needed, s.byteSize()));
    }
  }

  private static int op(boolean trans) {
    return trans ? TRANS : NO_TRANS;
  }

  private static int cblas(Side side) {
    return side == Side.LEFT ? LEFT : RIGHT;
  }

  private static String text(MemorySegment pointer) {
    return pointer.reinterpret(1024).getString(0);
  }

  private static RuntimeException failure(Throwable e) {
    return switch (e) {
      case RuntimeException r -> r;
      case Error r -> throw r;
      default -> new IllegalStateException(e);
    };
  }
}
