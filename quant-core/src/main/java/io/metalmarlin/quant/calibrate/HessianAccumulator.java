package io.metalmarlin.quant.calibrate;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.runtime.blas.OpenBlas;
import io.metalmarlin.runtime.blas.OpenBlas.Triangle;
import io.metalmarlin.runtime.blas.Workers;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/// Adds up `X'X` of one linear input, block of tokens by block of tokens.
///
/// Every block of [#BLOCK_ROWS] rows is multiplied in fp32 and added to fp64 totals in token order.
/// The columns are cut into fixed tiles; a worker owns a tile for all blocks of a call, so the
/// result does not depend on the number of threads. It does not depend on how a caller cuts its
/// tokens into calls either, as long as every call but the last brings a multiple of [#BLOCK_ROWS]
/// rows.
///
/// Memory: `8 cols^2` bytes, and 256 KiB for each tile in work. Not for use by several callers at
/// once.
public final class HessianAccumulator implements AutoCloseable {
  /// Tokens whose product is formed in fp32 before it enters the totals.
  public static final int BLOCK_ROWS = 1024;

  private static final int TILE = 256;
  private static final int MAGNITUDE = 0x7fff_ffff;
  private static final VectorSpecies<Integer> I = IntVector.SPECIES_PREFERRED;

  private final String where;
  private final int cols;
  private final Workers workers;
  private final INDArray totals;
  private final MemorySegment sum;
  private final int tiles;
  private final Arena arena = Arena.ofShared();
  private final Queue<MemorySegment> idle = new ConcurrentLinkedQueue<>();
  private long tokens;
  private float absMax;
  private boolean finished;

  /// @param where the linears that read this input, for messages, for example
  ///   `model.layers.0.self_attn.q_proj`
  /// @param cols width of the input
  public HessianAccumulator(String where, int cols, Workers workers) {
    this.where = where;
    this.cols = cols;
    this.workers = workers;
    this.tiles = Math.ceilDiv(cols, TILE);
    this.totals = ArrayMemory.zeros(DataType.DOUBLE, cols, cols);
    this.sum = ArrayMemory.of(totals);
  }

  /// Adds rows; the segment is only read during the call.
  ///
  /// @param x fp32, row-major, native memory; padding tokens must not be among the rows
  /// @param rows number of tokens
  /// @param ld elements from one row to the next, at least the input's width
  /// @throws MarlinException `NON_FINITE` naming the first NaN or infinity
  public void add(MemorySegment x, int rows, int ld) {
    int blocks = Math.ceilDiv(rows, BLOCK_ROWS);
    float[] largest = new float[blocks];
    workers.run(blocks, b -> largest[b] = absMax(x, b * BLOCK_ROWS, blockRows(rows, b), ld));
    for (float m : largest) {
      absMax = Math.max(absMax, m);
    }
    workers.run(
        tiles * (tiles + 1) / 2,
        piece -> {
          int right = (int) ((Math.sqrt(8.0 * piece + 1) - 1) / 2);
          addTile(x, rows, ld, piece - right * (right + 1) / 2, right);
        });
    tokens += rows;
  }

  /// `H = X'X / tokens`, both triangles. The accumulator is used up; the result owns the memory.
  ///
  /// @throws MarlinException `CALIBRATION_TOO_SHORT` without any token, `NUMERIC_FAILURE` when the
  ///   products left the range of fp32
  public InputStatistics finish() {
    if (tokens == 0) {
      throw new MarlinException(
          ErrorCode.CALIBRATION_TOO_SHORT,
          where,
          "no calibration token reached this input, at least 1 is needed",
          "use a longer calibration text or more samples");
    }
    return result();
  }

  /// The same, but where no token came by H is 0: no column was ever active, which solvers report
  /// and answer with rounding to nearest.
  public InputStatistics finishEvenIfEmpty() {
    return tokens == 0 ? pass() : result();
  }

  private InputStatistics result() {
    for (int i = 0; i < cols; i++) {
      for (int j = i; j < cols; j++) {
        double h = sum.getAtIndex(JAVA_DOUBLE_UNALIGNED, (long) i * cols + j) / tokens;
        if (!Double.isFinite(h)) {
          throw new MarlinException(
              ErrorCode.NUMERIC_FAILURE,
              where,
              "X'X overflows single precision at columns %d and %d; the largest input is %.3g"
                  .formatted(i, j, absMax),
              "check the checkpoint: activations of this size are not usable in bf16 either");
        }
        sum.setAtIndex(JAVA_DOUBLE_UNALIGNED, (long) i * cols + j, h);
        sum.setAtIndex(JAVA_DOUBLE_UNALIGNED, (long) j * cols + i, h);
      }
    }
    return pass();
  }

  private InputStatistics pass() {
    finished = true;
    arena.close();
    return new InputStatistics(totals, tokens, absMax);
  }

  /// Frees the totals unless [#finish] has passed them on.
  @Override
  public void close() {
    if (!finished) {
      finished = true;
      arena.close();
      totals.close();
    }
  }

  private void addTile(MemorySegment x, int rows, int ld, int left, int right) {
    int from = left * TILE;
    int to = right * TILE;
    int m = Math.min(TILE, cols - from);
    int n = Math.min(TILE, cols - to);
    MemorySegment reused = idle.poll();
    MemorySegment product =
        reused == null ? arena.allocate((long) TILE * TILE * Float.BYTES, 64) : reused;
    float[] line = new float[TILE];
    double[] total = new double[TILE];
    for (int block = 0; block < Math.ceilDiv(rows, BLOCK_ROWS); block++) {
      int k = blockRows(rows, block);
      MemorySegment a = x.asSlice(((long) block * BLOCK_ROWS * ld + from) * Float.BYTES);
      if (left == right) {
        OpenBlas.ssyrk(Triangle.UPPER, true, n, k, 1, a, ld, 0, product, TILE);
      } else {
        MemorySegment b = x.asSlice(((long) block * BLOCK_ROWS * ld + to) * Float.BYTES);
        OpenBlas.sgemm(true, false, m, n, k, 1, a, ld, b, ld, 0, product, TILE);
      }
      for (int i = 0; i < m; i++) {
        long row = ((long) (from + i) * cols + to) * Double.BYTES;
        MemorySegment.copy(
            product, JAVA_FLOAT_UNALIGNED, (long) i * TILE * Float.BYTES, line, 0, n);
        MemorySegment.copy(sum, JAVA_DOUBLE_UNALIGNED, row, total, 0, n);
        for (int j = left == right ? i : 0; j < n; j++) {
          total[j] += line[j];
        }
        MemorySegment.copy(total, 0, sum, JAVA_DOUBLE_UNALIGNED, row, n);
      }
    }
    idle.add(product);
  }

  private static int blockRows(int rows, int block) {
    return Math.min(BLOCK_ROWS, rows - block * BLOCK_ROWS);
  }

  /// Magnitudes of floats order like their bits without the sign, and everything from the bits of
  /// infinity upwards is not finite: one integer maximum checks and measures at once.
  private float absMax(MemorySegment x, int firstRow, int rows, int ld) {
    IntVector largest = IntVector.zero(I);
    int rest = 0;
    int whole = I.loopBound(cols);
    for (int r = firstRow; r < firstRow + rows; r++) {
      long start = (long) r * ld * Float.BYTES;
      for (int c = 0; c < whole; c += I.length()) {
        IntVector bits =
            IntVector.fromMemorySegment(
                I, x, start + (long) c * Float.BYTES, ByteOrder.nativeOrder());
        largest = largest.max(bits.and(MAGNITUDE));
      }
      for (int c = whole; c < cols; c++) {
        rest =
            Math.max(rest, x.get(JAVA_INT_UNALIGNED, start + (long) c * Float.BYTES) & MAGNITUDE);
      }
    }
    float max = Float.intBitsToFloat(Math.max(rest, largest.reduceLanes(VectorOperators.MAX)));
    if (!Float.isFinite(max)) {
      throw notFinite(x, firstRow, ld);
    }
    return max;
  }

  private MarlinException notFinite(MemorySegment x, int firstRow, int ld) {
    long at = (long) firstRow * ld;
    while (at % ld >= cols || Float.isFinite(x.getAtIndex(JAVA_FLOAT_UNALIGNED, at))) {
      at++;
    }
    return new MarlinException(
        ErrorCode.NON_FINITE,
        where,
        "the input holds %s at token %d, column %d"
            .formatted(x.getAtIndex(JAVA_FLOAT_UNALIGNED, at), tokens + at / ld, at % ld),
        "check that the source checkpoint gives finite logits on the calibration text (marlin"
            + " eval)");
  }
}
