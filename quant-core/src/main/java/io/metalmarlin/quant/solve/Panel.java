package io.metalmarlin.quant.solve;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import io.metalmarlin.formats.scheme.GroupScheme;
import io.metalmarlin.formats.scheme.QuantizedMatrix;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// The work memory of one thread: some rows of a matrix, **transposed**, so that the rows of the
/// matrix lie side by side in vector lanes and every step of a solver is the same for all of them.
///
/// The number of rows is rounded up to `stride`, a multiple of the vector width; the added rows are
/// zero and are never written out.
final class Panel implements AutoCloseable {
  /// Rows in work at once: wide enough for the matrix products, small enough for the caches.
  static final int ROWS = 256;

  private static final int COPIED_ROWS = 16;

  final int cols;
  final int groupSize;

  /// `cols x stride`: original weights, row p holds the column at position p.
  final MemorySegment weights;

  /// `cols x 2 stride`: in the left half weights moved by the errors of the columns rounded before,
  /// in the right half `W L` with the columns of L divided by their diagonal. Behind a column's
  /// rounding its deviation stands in the left half.
  final MemorySegment moving;

  /// `block x 2 stride`: deviations of one block and its negated weights.
  final MemorySegment deviations;

  /// The square of one block of the factor.
  final MemorySegment triangle;

  /// `groups x stride`: scales and zeros.
  final Fits fits;

  /// `cols x stride`: codes, in **stored** column order.
  final byte[] codes;

  final float[] group;
  final float[] leaf;
  final float[] original;
  final float[] rounded = new float[ROWS];
  final int[] roundedCodes = new int[ROWS];
  final GroupScales.Scratch scratch = new GroupScales.Scratch(ROWS);

  private final Arena arena = Arena.ofShared();
  private int stride;

  Panel(GroupScheme scheme, int cols, int blockColumns, int leafColumns) {
    this.cols = cols;
    this.groupSize = Math.min(cols, scheme.groupSize());
    int groups = Math.ceilDiv(cols, groupSize);
    this.weights = arena.allocate((long) cols * ROWS * Float.BYTES, 64);
    this.moving = arena.allocate((long) cols * 2 * ROWS * Float.BYTES, 64);
    this.deviations = arena.allocate((long) blockColumns * 2 * ROWS * Float.BYTES, 64);
    this.triangle = arena.allocate((long) blockColumns * blockColumns * Float.BYTES, 64);
    this.fits = new Fits(groups * ROWS);
    this.codes = new byte[cols * ROWS];
    this.group = new float[groupSize * ROWS];
    this.leaf = new float[leafColumns * ROWS];
    this.original = new float[leafColumns * ROWS];
  }

  int stride() {
    return stride;
  }

  /// Reads rows and transposes them.
  ///
  /// @param source first weight of the first row, fp32, row-major, `cols` wide
  /// @param order stored column of each position
  void load(MemorySegment source, int rows, int[] order) {
    stride = Math.ceilDiv(rows, GridKernel.LANES) * GridKernel.LANES;
    float[][] copied = new float[COPIED_ROWS][cols];
    float[] line = new float[COPIED_ROWS];
    for (int first = 0; first < stride; first += COPIED_ROWS) {
      for (int i = 0; i < COPIED_ROWS; i++) {
        if (first + i < rows) {
          long from = (long) (first + i) * cols * Float.BYTES;
          MemorySegment.copy(source, JAVA_FLOAT_UNALIGNED, from, copied[i], 0, cols);
        } else {
          copied[i] = new float[cols];
        }
      }
      for (int p = 0; p < cols; p++) {
        int c = order[p];
        for (int i = 0; i < COPIED_ROWS; i++) {
          line[i] = copied[i][c];
        }
        long to = ((long) p * stride + first) * Float.BYTES;
        MemorySegment.copy(line, 0, weights, JAVA_FLOAT_UNALIGNED, to, COPIED_ROWS);
      }
    }
  }

  /// Chooses the scale of every group, groups being those of the **stored** order.
  ///
  /// @param position where each stored column stands
  void chooseScales(GroupScales rule, int[] position) {
    for (int g = 0; g * groupSize < cols; g++) {
      int columns = Math.min(groupSize, cols - g * groupSize);
      for (int c = 0; c < columns; c++) {
        long from = (long) position[g * groupSize + c] * stride * Float.BYTES;
        MemorySegment.copy(weights, JAVA_FLOAT_UNALIGNED, from, group, c * stride, stride);
      }
      rule.choose(group, columns, stride, fits, g * stride, scratch);
    }
  }

  /// Takes the scales that already stand in the output.
  ///
  /// @param from the loaded rows' first row there
  void takeScales(GroupScales rule, QuantizedMatrix out, int from, int rows) {
    for (int g = 0; g * groupSize < cols; g++) {
      rule.given(out, from, rows, g, fits, g * stride);
    }
  }

  /// Rounds one column of values and notes its codes; the decoded values are in [#rounded].
  ///
  /// @param values array that holds the column from index `from`
  void round(GridKernel kernel, float[] values, int from, int storedColumn) {
    int group = storedColumn / groupSize * stride;
    kernel.round(values, from, fits.scales, fits.zeros, group, stride, rounded, roundedCodes);
    for (int i = 0; i < stride; i++) {
      codes[storedColumn * stride + i] = (byte) roundedCodes[i];
    }
  }

  /// Writes codes, scales and zeros of the loaded rows to the rows `[from, to)` of a matrix.
  void store(QuantizedMatrix out, int from, int to) {
    CodeWriter.codes(codes, stride, out, from, to);
    CodeWriter.fits(fits, stride, out, from, to);
  }

  @Override
  public void close() {
    arena.close();
  }
}
