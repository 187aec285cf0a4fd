package io.metalmarlin.quant.solve;

import io.metalmarlin.runtime.blas.OpenBlas;
import io.metalmarlin.runtime.blas.OpenBlas.Side;
import io.metalmarlin.runtime.blas.OpenBlas.Triangle;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.nd4j.linalg.api.buffer.DataType;

/// The operations of a tiled Cholesky factorisation in one floating-point type. All matrices are
/// row-major with one leading dimension `ld`; only lower triangles are touched.
enum Precision {
  SINGLE(DataType.FLOAT, Float.BYTES) {
    @Override
    void read(MemorySegment a, long index, double[] row, int n) {
      float[] narrow = new float[n];
      MemorySegment.copy(a, ValueLayout.JAVA_FLOAT_UNALIGNED, index * Float.BYTES, narrow, 0, n);
      for (int i = 0; i < n; i++) {
        row[i] = narrow[i];
      }
    }

    @Override
    void write(double[] row, int n, MemorySegment a, long index) {
      float[] narrow = new float[n];
      for (int i = 0; i < n; i++) {
        narrow[i] = (float) row[i];
      }
      MemorySegment.copy(narrow, 0, a, ValueLayout.JAVA_FLOAT_UNALIGNED, index * Float.BYTES, n);
    }

    @Override
    int potrf(int n, MemorySegment a, int ld) {
      return OpenBlas.spotrf(Triangle.LOWER, n, a, ld);
    }

    @Override
    void trsm(int m, int n, MemorySegment l, MemorySegment b, int ld) {
      OpenBlas.strsm(Side.RIGHT, Triangle.LOWER, true, m, n, l, ld, b, ld);
    }

    @Override
    void subtractProduct(
        int m, int n, int k, MemorySegment a, MemorySegment b, MemorySegment c, int ld) {
      OpenBlas.sgemm(false, true, m, n, k, -1, a, ld, b, ld, 1, c, ld);
    }

    @Override
    void subtractSquare(int n, int k, MemorySegment a, MemorySegment c, int ld) {
      OpenBlas.ssyrk(Triangle.LOWER, false, n, k, -1, a, ld, 1, c, ld);
    }
  },
  DOUBLE(DataType.DOUBLE, Double.BYTES) {
    @Override
    void read(MemorySegment a, long index, double[] row, int n) {
      MemorySegment.copy(a, ValueLayout.JAVA_DOUBLE_UNALIGNED, index * Double.BYTES, row, 0, n);
    }

    @Override
    void write(double[] row, int n, MemorySegment a, long index) {
      MemorySegment.copy(row, 0, a, ValueLayout.JAVA_DOUBLE_UNALIGNED, index * Double.BYTES, n);
    }

    @Override
    int potrf(int n, MemorySegment a, int ld) {
      return OpenBlas.dpotrf(Triangle.LOWER, n, a, ld);
    }

    @Override
    void trsm(int m, int n, MemorySegment l, MemorySegment b, int ld) {
      OpenBlas.dtrsm(Side.RIGHT, Triangle.LOWER, true, m, n, l, ld, b, ld);
    }

    @Override
    void subtractProduct(
        int m, int n, int k, MemorySegment a, MemorySegment b, MemorySegment c, int ld) {
      OpenBlas.dgemm(false, true, m, n, k, -1, a, ld, b, ld, 1, c, ld);
    }

    @Override
    void subtractSquare(int n, int k, MemorySegment a, MemorySegment c, int ld) {
      OpenBlas.dsyrk(Triangle.LOWER, false, n, k, -1, a, ld, 1, c, ld);
    }
  };

  final DataType type;
  final int bytes;

  Precision(DataType type, int bytes) {
    this.type = type;
    this.bytes = bytes;
  }

  /// Reads n consecutive elements from element `index` of `a`.
  abstract void read(MemorySegment a, long index, double[] row, int n);

  /// Writes n consecutive elements, rounded to this type.
  abstract void write(double[] row, int n, MemorySegment a, long index);

  /// `A = L L'` in place; 0 or the 1-based bad pivot, negative on NaN.
  abstract int potrf(int n, MemorySegment a, int ld);

  /// `B [m, n] := B inv(L)'`.
  abstract void trsm(int m, int n, MemorySegment l, MemorySegment b, int ld);

  /// `C [m, n] -= A [m, k] B [n, k]'`.
  abstract void subtractProduct(
      int m, int n, int k, MemorySegment a, MemorySegment b, MemorySegment c, int ld);

  /// `C [n, n] -= A [n, k] A'`.
  abstract void subtractSquare(int n, int k, MemorySegment a, MemorySegment c, int ld);
}
