package io.metalmarlin.quant.calibrate;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import io.metalmarlin.runtime.blas.OpenBlas;
import io.metalmarlin.runtime.blas.OpenBlas.Triangle;
import io.metalmarlin.runtime.blas.Workers;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/// Adds up `A'B` of rows that come in block by block.
///
/// Every block of [HessianAccumulator#BLOCK_ROWS] rows is multiplied in fp32 and added to fp64
/// totals in row order. The columns are cut into fixed tiles; a worker owns a tile for all blocks
/// of a call, so the result does not depend on the number of threads. It does not depend on how a
/// caller cuts its rows into calls either, as long as every call but the last brings a multiple of
/// that many rows.
///
/// Memory: `8 cols^2` bytes, and 256 KiB for each tile in work. Not for use by several callers at
/// once.
final class ProductTotals implements AutoCloseable {
  private static final int TILE = 256;

  private final int cols;
  private final Workers workers;
  private final INDArray totals;
  private final MemorySegment sum;
  private final int tiles;
  private final Arena arena = Arena.ofShared();
  private final Queue<MemorySegment> idle = new ConcurrentLinkedQueue<>();
  private boolean released;

  ProductTotals(int cols, Workers workers) {
    this.cols = cols;
    this.workers = workers;
    this.tiles = Math.ceilDiv(cols, TILE);
    this.totals = ArrayMemory.zeros(DataType.DOUBLE, cols, cols);
    this.sum = ArrayMemory.of(totals);
  }

  /// Rows in native memory, `ld` elements from one to the next.
  record Rows(MemorySegment values, int ld) {
    private MemorySegment from(int row, int col) {
      return values.asSlice(((long) row * ld + col) * Float.BYTES);
    }
  }

  /// Adds `A'A`, of which only the upper triangle is kept.
  void addSquare(Rows a, int rows) {
    workers.run(
        tiles * (tiles + 1) / 2,
        piece -> {
          int right = (int) ((Math.sqrt(8.0 * piece + 1) - 1) / 2);
          addTile(a, a, rows, piece - right * (right + 1) / 2, right, true);
        });
  }

  /// Adds `A'B`.
  void addProduct(Rows a, Rows b, int rows) {
    workers.run(tiles * tiles, piece -> addTile(a, b, rows, piece / tiles, piece % tiles, false));
  }

  double get(int row, int col) {
    return sum.getAtIndex(JAVA_DOUBLE_UNALIGNED, (long) row * cols + col);
  }

  void put(int row, int col, double value) {
    sum.setAtIndex(JAVA_DOUBLE_UNALIGNED, (long) row * cols + col, value);
  }

  /// Passes the totals on to the caller, who owns them from now on.
  INDArray release() {
    released = true;
    arena.close();
    return totals;
  }

  /// Frees the totals unless they were passed on.
  @Override
  public void close() {
    if (!released) {
      release().close();
    }
  }

  private void addTile(Rows a, Rows b, int rows, int left, int right, boolean square) {
    int from = left * TILE;
    int to = right * TILE;
    int m = Math.min(TILE, cols - from);
    int n = Math.min(TILE, cols - to);
    boolean triangle = square && left == right;
    MemorySegment reused = idle.poll();
    MemorySegment product =
        reused == null ? arena.allocate((long) TILE * TILE * Float.BYTES, 64) : reused;
    float[] line = new float[TILE];
    double[] total = new double[TILE];
    for (int first = 0; first < rows; first += HessianAccumulator.BLOCK_ROWS) {
      int k = Math.min(HessianAccumulator.BLOCK_ROWS, rows - first);
      MemorySegment x = a.from(first, from);
      if (triangle) {
        OpenBlas.ssyrk(Triangle.UPPER, true, n, k, 1, x, a.ld, 0, product, TILE);
      } else {
        MemorySegment y = b.from(first, to);
        OpenBlas.sgemm(true, false, m, n, k, 1, x, a.ld, y, b.ld, 0, product, TILE);
      }
      for (int i = 0; i < m; i++) {
        long row = ((long) (from + i) * cols + to) * Double.BYTES;
        MemorySegment.copy(
            product, JAVA_FLOAT_UNALIGNED, (long) i * TILE * Float.BYTES, line, 0, n);
        MemorySegment.copy(sum, JAVA_DOUBLE_UNALIGNED, row, total, 0, n);
        for (int j = triangle ? i : 0; j < n; j++) {
          total[j] += line[j];
        }
        MemorySegment.copy(total, 0, sum, JAVA_DOUBLE_UNALIGNED, row, n);
      }
    }
    idle.add(product);
  }
}
