package io.metalmarlin.quant.solve;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import io.metalmarlin.formats.scheme.BlockMatrix;
import io.metalmarlin.formats.scheme.ggml.BlockCodec;
import io.metalmarlin.formats.scheme.ggml.BlockCodecs;
import io.metalmarlin.formats.scheme.ggml.BlockForm;
import io.metalmarlin.formats.scheme.ggml.BlockNumbers;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/// The work memory of one thread: some rows of a matrix on their way into blocks, **transposed** as
/// in [Panel]. Columns lie by position, their scales and codes in stored order; rows that are
/// missing are zero.
final class BlockPanel implements AutoCloseable {
  /// Rows in work at once.
  static final int ROWS = 256;

  /// Columns whose changes reach all others in one product.
  static final int BLOCK = 128;

  private static final int LANES = RunReplay.ROWS;

  final BlockForm form;
  final int[] order;
  final int cols;

  /// `cols x ROWS`: weights.
  final MemorySegment weights;

  /// `cols x ROWS`: while the columns are rounded first, weights moved by the errors of those
  /// before; then what refinement walks along, `(W - Q) H_r`.
  final MemorySegment moving;

  /// `cols x ROWS`: rounded values.
  final MemorySegment rounded;

  /// `cols x ROWS`: changes of rounded values.
  final MemorySegment changes;

  /// `runs x ROWS`: scales as decoded.
  final float[] scales;

  /// `runs x ROWS`: mins as decoded.
  final float[] mins;

  /// `blocks x ROWS`: the unit of the scales.
  final float[] steps;

  /// `blocks x ROWS`: the unit of the mins.
  final float[] minSteps;

  final RunSearch search;

  private final byte[] codes;
  private final Arena arena = Arena.ofShared();

  /// @param order stored column of each position; a run's columns lie together
  BlockPanel(BlockForm form, int[] order) {
    this.form = form;
    this.order = order;
    this.cols = order.length;
    this.weights = arena.allocate(at(cols), 64);
    this.moving = arena.allocate(at(cols), 64);
    this.rounded = arena.allocate(at(cols), 64);
    this.changes = arena.allocate(at(cols), 64);
    this.codes = new byte[cols * ROWS];
    int runs = cols / form.run();
    int blocks = cols / form.type().blockElements();
    this.scales = new float[runs * ROWS];
    this.mins = new float[runs * ROWS];
    this.steps = new float[blocks * ROWS];
    this.minSteps = new float[blocks * ROWS];
    this.search = new RunSearch(form);
  }

  /// Where a position's rows begin.
  static long at(int position) {
    return (long) position * ROWS * Float.BYTES;
  }

  /// Reads rows and transposes them.
  ///
  /// @param source fp32, row-major, `cols` wide, from `from` on
  void load(float[] source, int from, int rows) {
    float[] line = new float[ROWS];
    for (int p = 0; p < cols; p++) {
      for (int r = 0; r < rows; r++) {
        line[r] = source[from + r * cols + order[p]];
      }
      MemorySegment.copy(line, 0, weights, JAVA_FLOAT_UNALIGNED, at(p), ROWS);
    }
    Arrays.fill(scales, 0);
    Arrays.fill(mins, 0);
    Arrays.fill(steps, 0);
    Arrays.fill(minSteps, 0);
  }

  /// Takes the scales and mins that the type's encoder chooses for rows.
  void encoderScales(float[] source, int from, int rows, float[] importance) {
    BlockCodec codec = BlockCodecs.of(form.type());
    int bytes = form.type().blockBytes();
    int blocks = cols / form.type().blockElements();
    byte[] row = new byte[blocks * bytes];
    BlockNumbers numbers = new BlockNumbers(form);
    int runs = numbers.scales.length;
    for (int r = 0; r < rows; r++) {
      codec.encodeRow(source, from + r * cols, cols, importance, 0, row, 0);
      for (int b = 0; b < blocks; b++) {
        form.readScales(row, b * bytes, numbers);
        steps[b * ROWS + r] = numbers.step;
        minSteps[b * ROWS + r] = numbers.minStep;
        for (int g = 0; g < runs; g++) {
          int i = (b * runs + g) * ROWS + r;
          scales[i] = form.scale(numbers.step, numbers.scales[g]);
          mins[i] = numbers.minStep * numbers.mins[g];
        }
      }
    }
  }

  /// Writes the blocks of the rows.
  ///
  /// @param from the first one's row of `out`
  void store(BlockMatrix out, int from, int rows) {
    int elements = form.type().blockElements();
    int bytes = form.type().blockBytes();
    byte[] row = new byte[cols / elements * bytes];
    BlockNumbers numbers = new BlockNumbers(form);
    int runs = numbers.scales.length;
    for (int r = 0; r < rows; r++) {
      for (int b = 0; b < cols / elements; b++) {
        numbers.step = form.free() ? scales[b * ROWS + r] : steps[b * ROWS + r];
        numbers.minStep = form.free() ? mins[b * ROWS + r] : minSteps[b * ROWS + r];
        for (int g = 0; g < runs; g++) {
          int i = (b * runs + g) * ROWS + r;
          numbers.scales[g] = numbers.step == 0 ? 0 : (int) form.scaleCode(numbers.step, scales[i]);
          numbers.mins[g] =
              numbers.minStep == 0 ? 0 : (int) Math.rint((double) mins[i] / numbers.minStep);
        }
        for (int c = 0; c < elements; c++) {
          numbers.codes[c] = codes[(b * elements + c) * ROWS + r];
        }
        form.write(numbers, row, b * bytes);
      }
      MemorySegment.copy(
          MemorySegment.ofArray(row), 0, out.blocks(), (from + r) * out.stride(), row.length);
    }
  }

  /// Copies some rows of a run.
  ///
  /// @param a the run's lowest position
  void read(MemorySegment from, int a, int row, float[] to) {
    for (int c = 0; c < form.run(); c++) {
      long offset = at(a + c) + (long) row * Float.BYTES;
      MemorySegment.copy(from, JAVA_FLOAT_UNALIGNED, offset, to, c * LANES, LANES);
    }
  }

  /// Copies some rows of a run back.
  void write(float[] from, MemorySegment to, int a, int row) {
    for (int c = 0; c < form.run(); c++) {
      long offset = at(a + c) + (long) row * Float.BYTES;
      MemorySegment.copy(from, c * LANES, to, JAVA_FLOAT_UNALIGNED, offset, LANES);
    }
  }

  /// Gives the search the scales, mins and their units of some rows of a run.
  void startSearch(int a, int row) {
    int run = order[a] / form.run() * ROWS + row;
    int block = order[a] / form.type().blockElements() * ROWS + row;
    System.arraycopy(scales, run, search.scales, 0, LANES);
    System.arraycopy(mins, run, search.mins, 0, LANES);
    System.arraycopy(steps, block, search.steps, 0, LANES);
    System.arraycopy(minSteps, block, search.minSteps, 0, LANES);
  }

  /// Takes scales and mins from the search.
  void takeScales(int a, int row) {
    int run = order[a] / form.run() * ROWS + row;
    System.arraycopy(search.scales, 0, scales, run, LANES);
    System.arraycopy(search.mins, 0, mins, run, LANES);
  }

  /// Copies codes of some rows of a run.
  void readCodes(int a, int row, byte[] to) {
    for (int c = 0; c < form.run(); c++) {
      System.arraycopy(codes, order[a + c] * ROWS + row, to, c * LANES, LANES);
    }
  }

  /// Copies codes of some rows of a run back.
  void writeCodes(byte[] from, int a, int row) {
    for (int c = 0; c < form.run(); c++) {
      System.arraycopy(from, c * LANES, codes, order[a + c] * ROWS + row, LANES);
    }
  }

  @Override
  public void close() {
    arena.close();
  }
}
