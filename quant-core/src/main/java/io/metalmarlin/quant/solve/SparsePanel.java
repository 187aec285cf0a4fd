package io.metalmarlin.quant.solve;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import io.metalmarlin.formats.scheme.GroupScheme;
import io.metalmarlin.formats.scheme.Sparse24Matrix;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/// The work memory of one thread that prunes: a [Panel] and, beside it, which columns are kept.
///
/// A pruned column takes part in everything as a column of zeros: the zero lies on every grid, so
/// neither a group's range nor its squared error notices it.
final class SparsePanel implements AutoCloseable {
  final Panel dense;
  final int span;

  /// `cols x stride`, by **stored** column: 1 where the row keeps it, else 0.
  final byte[] keep;

  /// `cols x stride`, by stored column: codes, those of pruned columns unused.
  private final byte[] codes;

  /// `groups x stride`.
  private final Fits fits;

  private final float[] group;
  private final int[] roundedCodes = new int[Panel.ROWS];
  private final GroupScales.Scratch scratch = new GroupScales.Scratch(Panel.ROWS);
  private final GroupScheme values;

  /// `span x stride`: a group's values while its masks are sought.
  final MemorySegment rehearsal;

  /// `leaf x 2 stride`: deviations in the meantime.
  final MemorySegment rehearsed;

  private final Arena arena = Arena.ofShared();

  SparsePanel(GroupScheme values, SparseGroups groups, int block, int leaf) {
    int cols = groups.cols();
    this.values = values;
    this.dense = new Panel(values, cols, block, leaf);
    this.span = groups.span();
    this.keep = new byte[cols * Panel.ROWS];
    this.codes = new byte[cols * Panel.ROWS];
    this.fits = new Fits(groups.groups() * Panel.ROWS);
    this.group = new float[span * Panel.ROWS];
    this.rehearsal = arena.allocate((long) span * Panel.ROWS * Float.BYTES, 64);
    this.rehearsed = arena.allocate((long) leaf * 2 * Panel.ROWS * Float.BYTES, 64);
  }

  int stride() {
    return dense.stride();
  }

  void load(MemorySegment source, int rows, int[] order) {
    dense.load(source, rows, order);
    Arrays.fill(keep, (byte) 0);
  }

  /// Sets a column's values for the choice of its group's scale; pruned ones count as 0.
  ///
  /// @param column of the stored order
  void groupColumn(float[] column, int from, int storedColumn) {
    int n = stride();
    int to = storedColumn % span * n;
    for (int i = 0; i < n; i++) {
      group[to + i] = keep[storedColumn * n + i] == 0 ? 0 : column[from + i];
    }
  }

  /// Chooses the scale of a group from what [#groupColumn] was told.
  void chooseScale(GroupScales rule, int g) {
    rule.choose(group, span, stride(), fits, g * stride(), scratch);
  }

  /// Rounds one column of values, pruned ones to 0, and notes its codes; the decoded values are in
  /// the panel's `rounded`.
  void round(GridKernel kernel, float[] column, int from, int storedColumn) {
    int n = stride();
    float[] q = dense.rounded;
    kernel.round(
        column, from, fits.scales, fits.zeros, storedColumn / span * n, n, q, roundedCodes);
    for (int i = 0; i < n; i++) {
      int at = storedColumn * n + i;
      codes[at] = (byte) roundedCodes[i];
      q[i] = keep[at] == 0 ? 0 : q[i];
    }
  }

  /// The original weights at a position.
  void weights(int position, float[] to, int at) {
    int n = stride();
    MemorySegment.copy(
        dense.weights, JAVA_FLOAT_UNALIGNED, (long) position * n * Float.BYTES, to, at, n);
  }

  /// Writes kept codes, patterns and scale codes of the loaded rows to the rows `[from, to)`.
  void store(Sparse24Matrix out, int from, int to) {
    KeptWriter.write(keep, codes, (byte) values.nearest(0), stride(), out, from, to);
    CodeWriter.fits(fits, stride(), out.values(), from, to);
  }

  @Override
  public void close() {
    dense.close();
    arena.close();
  }
}
