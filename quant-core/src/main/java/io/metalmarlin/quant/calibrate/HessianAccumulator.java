package io.metalmarlin.quant.calibrate;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.runtime.blas.Workers;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/// Adds up `X'X` of one linear input, block of tokens by block of tokens.
///
/// The result depends neither on the number of threads nor on how a caller cuts its tokens into
/// calls, as long as every call but the last brings a multiple of [#BLOCK_ROWS] rows; see
/// [ProductTotals], also for memory. Not for use by several callers at once.
public final class HessianAccumulator implements AutoCloseable {
  /// Tokens whose product is formed in fp32 before it enters the totals.
  public static final int BLOCK_ROWS = 1024;

  private static final int MAGNITUDE = 0x7fff_ffff;
  private static final VectorSpecies<Integer> I = IntVector.SPECIES_PREFERRED;

  private final String where;
  private final int cols;
  private final Workers workers;
  private final ProductTotals totals;
  private long tokens;
  private float absMax;

  /// @param where the linears that read this input, for messages, for example
  ///   `model.layers.0.self_attn.q_proj`
  /// @param cols width of the input
  public HessianAccumulator(String where, int cols, Workers workers) {
    this.where = where;
    this.cols = cols;
    this.workers = workers;
    this.totals = new ProductTotals(cols, workers);
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
    totals.addSquare(new ProductTotals.Rows(x, ld), rows);
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
        double h = totals.get(i, j) / tokens;
        if (!Double.isFinite(h)) {
          throw new MarlinException(
              ErrorCode.NUMERIC_FAILURE,
              where,
              "X'X overflows single precision at columns %d and %d; the largest input is %.3g"
                  .formatted(i, j, absMax),
              "check the checkpoint: activations of this size are not usable in bf16 either");
        }
        totals.put(i, j, h);
        totals.put(j, i, h);
      }
    }
    return pass();
  }

  private InputStatistics pass() {
    return new InputStatistics(totals.release(), tokens, absMax);
  }

  /// Frees the totals unless [#finish] has passed them on.
  @Override
  public void close() {
    totals.close();
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
