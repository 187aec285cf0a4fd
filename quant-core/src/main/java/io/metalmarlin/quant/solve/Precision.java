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
    double get(MemorySegment a, long index) {
      return a.getAtIndex(ValueLayout.JAVA_FLOAT_UNALIGNED, index);
    }

    @Override
    void set(MemorySegment a, long index, double value) {
      a.setAtIndex(ValueLayout.JAVA_FLOAT_UNALIGNED, index, (float) value);
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
    void subtractProduct(int m, int n, int k, MemorySegment a, MemorySegment b, MemorySegment c, int ld) {
      OpenBlas.sgemm(false, true, m, n, k, -1, a, ld, b, ld, 1, c, ld);
    }

    @Override
    void subtractSquare(int n, int k, MemorySegment a, MemorySegment c, int ld) {
      OpenBlas.ssyrk(Triangle.LOWER, false, n, k, -1, a, ld, 1, c, ld);
    }
  },
  DOUBLE(DataType.DOUBLE, Double.BYTES) {
    @Override
    double get(MemorySegment a, long index) {
      return a.getAtIndex(ValueLayout.JAVA_DOUBLE_UNALIGNED, index);
    }

    @Override
    void set(MemorySegment a, long index, double value) {
      a.setAtIndex(ValueLayout.JAVA_DOUBLE_UNALIGNED, index, value);
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
    void subtractProduct(int m, int n, int k, MemorySegment a, MemorySegment b, MemorySegment c, int ld) {
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

  abstract double get(MemorySegment a, long index);

  abstract void set(MemorySegment a, long index, double value);

  /// `A = L L'` in place; 0 or the 1-based bad pivot, negative on NaN.
  abstract int potrf(int n, MemorySegment a, int ld);

  /// `B [m, n] := B inv(L)'`.
  abstract void trsm(int m, int n, MemorySegment l, MemorySegment b, int ld);

  /// `C [m, n] -= A [m, k] B [n, k]'`.
  abstract void subtractProduct(int m, int n, int k, MemorySegment a, MemorySegment b, MemorySegment c, int ld);

  /// `C [n, n] -= A [n, k] A'`.
  abstract void subtractSquare(int n, int k, MemorySegment a, MemorySegment c, int ld);
}
