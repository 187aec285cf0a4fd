package io.metalmarlin.quant.solve;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import io.metalmarlin.quant.calibrate.ArrayMemory;
import io.metalmarlin.quant.calibrate.InputStatistics;
import io.metalmarlin.runtime.blas.OpenBlas;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// `tr(M H M')` in double precision, by its definition: `2 rows d^2` operations.
public final class HessianNorm {
  private static final int ROWS = 64;

  private HessianNorm() {}

  /// @param matrix fp32, `rows x d`, row-major, native or heap memory
  public static double of(MemorySegment matrix, int rows, InputStatistics statistics) {
    int d = statistics.cols();
    MemorySegment h = ArrayMemory.of(statistics.hessian());
    double sum = 0;
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment m = arena.allocate((long) ROWS * d * Double.BYTES, 64);
      MemorySegment product = arena.allocate((long) ROWS * d * Double.BYTES, 64);
      for (int first = 0; first < rows; first += ROWS) {
        int n = Math.min(ROWS, rows - first);
        for (long i = 0; i < (long) n * d; i++) {
          m.setAtIndex(
              JAVA_DOUBLE_UNALIGNED,
              i,
              matrix.getAtIndex(JAVA_FLOAT_UNALIGNED, (long) first * d + i));
        }
        OpenBlas.dgemm(false, false, n, d, d, 1, m, d, h, d, 0, product, d);
        for (long i = 0; i < (long) n * d; i++) {
          sum +=
              m.getAtIndex(JAVA_DOUBLE_UNALIGNED, i) * product.getAtIndex(JAVA_DOUBLE_UNALIGNED, i);
        }
      }
    }
    return sum;
  }
}
