package io.metalmarlin.formats.scheme;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/// A 2:4 sparse matrix: the kept columns as a matrix of half the width, and which they are.
///
/// @param values `rows x cols/2`: of every four columns the two kept ones, in column order
/// @param patterns row-major, 3 bits for each four columns, least significant bits first, every row
///   starting on a byte; an index into [#PATTERNS]
public record Sparse24Matrix(QuantizedMatrix values, MemorySegment patterns)
    implements PackedMatrix {
  /// The kept columns of a pattern, first | second << 2: {0,1} {0,2} {1,2} {0,3} {1,3} {2,3}, which
  /// are the metadata nibbles of sparse tensor cores in ascending order.
  private static final int[] PATTERNS = {0x4, 0x8, 0x9, 0xc, 0xd, 0xe};

  public Sparse24Matrix {
    long expected = (long) values.rows() * stride(2 * values.cols());
    if (patterns.byteSize() != expected) {
      throw new IllegalArgumentException(
          "%dx%d needs %d pattern bytes, got %d"
              .formatted(values.rows(), 2 * values.cols(), expected, patterns.byteSize()));
    }
  }

  /// Pattern bytes of one row of `cols` columns.
  public static int stride(int cols) {
    return Math.ceilDiv(cols / 4 * Sparse24Scheme.PATTERN_BITS, 8);
  }

  /// The first kept column of a pattern, 0 to 2.
  public static int first(int pattern) {
    return PATTERNS[pattern] & 3;
  }

  /// The second kept column of a pattern, 1 to 3.
  public static int second(int pattern) {
    return PATTERNS[pattern] >> 2;
  }

  /// The pattern that keeps the columns `first < second`.
  public static int indexOf(int first, int second) {
    return second * (second - 1) / 2 + first;
  }

  @Override
  public Sparse24Scheme scheme() {
    return new Sparse24Scheme(values.scheme());
  }

  @Override
  public int rows() {
    return values.rows();
  }

  @Override
  public int cols() {
    return 2 * values.cols();
  }

  /// The pattern index of four columns, 0 to 7; 6 and 7 are no patterns.
  public int pattern(int row, int quad) {
    long bit = (long) quad * Sparse24Scheme.PATTERN_BITS;
    long at = (long) row * stride(cols()) + bit / 8;
    int shift = (int) (bit % 8);
    int bits = patterns.get(JAVA_BYTE, at) & 0xff;
    if (shift > 8 - Sparse24Scheme.PATTERN_BITS) {
      bits |= (patterns.get(JAVA_BYTE, at + 1) & 0xff) << 8;
    }
    return bits >>> shift & 7;
  }

  /// The rows `[from, to)` as a view of the same memory; whole groups of rows.
  public Sparse24Matrix rows(int from, int to) {
    long stride = stride(cols());
    return new Sparse24Matrix(
        values.rows(from, to), patterns.asSlice(from * stride, (to - from) * stride));
  }

  @Override
  public void decode(int fromRow, int toRow, float[] out) {
    int half = values.cols();
    float[] kept = new float[half];
    for (int row = fromRow; row < toRow; row++) {
      values.decode(row, row + 1, kept);
      int at = (row - fromRow) * cols();
      Arrays.fill(out, at, at + cols(), 0f);
      for (int quad = 0; quad < half / 2; quad++) {
        int p = pattern(row, quad);
        out[at + 4 * quad + first(p)] = kept[2 * quad];
        out[at + 4 * quad + second(p)] = kept[2 * quad + 1];
      }
    }
  }
}
