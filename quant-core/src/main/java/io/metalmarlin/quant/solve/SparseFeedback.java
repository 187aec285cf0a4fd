package io.metalmarlin.quant.solve;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import io.metalmarlin.formats.scheme.GroupScheme;
import io.metalmarlin.formats.scheme.TensorScale;
import io.metalmarlin.quant.calibrate.ArrayMemory;
import io.metalmarlin.quant.calibrate.InputStatistics;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.ConcurrentLinkedQueue;

/// The column loop of [ErrorFeedback] with two of four columns removed on the way.
///
/// When the walk reaches a group, its masks are chosen first, in a rehearsal: quad after quad the
/// cheapest pair is removed and the rest of the group makes up for it, while kept columns stay
/// unrounded. What the kept columns are worth then decides the group's scale. Only after that the
/// group is walked in earnest, under these masks and that scale. Mask before scale, because a scale
/// is to fit the columns that will use it; scale before rounding, because the walk needs it; all of
/// it at the group and not before the walk, because the errors of earlier columns have moved these.
/// The rehearsed masks stay even if a rounding error would have tipped a choice.
///
/// With a rule that does not feed back (Wanda, magnitude) the masks are those of the original
/// weights and the walk's target is the pruned matrix.
final class SparseFeedback implements SparseSolver.Prepared {
  private static final int BLOCK = 128;
  private static final int LEAF = 32;

  private final GroupScheme values;
  private final SparseGroups groups;
  private final PruneRule rule;
  private final InputStatistics statistics;
  private final SolveOptions options;
  private final GridKernel kernel;
  private final ColumnFactor factor;
  private final FactorRows rows;
  private final int block;
  private final int leaf;
  private final ConcurrentLinkedQueue<SparsePanel> idle = new ConcurrentLinkedQueue<>();

  /// @param statistics valid until this object is closed
  /// @param factor owned by this object from now on
  SparseFeedback(
      GroupScheme values,
      SparseGroups groups,
      PruneRule rule,
      InputStatistics statistics,
      SolveOptions options,
      GridKernel kernel,
      ColumnFactor factor) {
    this.values = values;
    this.groups = groups;
    this.rule = rule;
    this.statistics = statistics;
    this.options = options;
    this.kernel = kernel;
    this.factor = factor;
    this.rows = new FactorRows(factor);
    this.block = groups.block(BLOCK);
    this.leaf = groups.leaf(LEAF);
  }

  @Override
  public TileError solve(SparseTile tile, TensorScale tensorScale) {
    GroupScales scales = GroupScales.of(values, kernel, options, tensorScale);
    SparsePanel reused = idle.poll();
    SparsePanel panel = reused == null ? new SparsePanel(values, groups, block, leaf) : reused;
    try {
      TileError sum = TileError.ZERO;
      long stride = (long) groups.cols() * Float.BYTES;
      for (int from = 0; from < tile.rows(); from += Panel.ROWS) {
        int to = Math.min(from + Panel.ROWS, tile.rows());
        panel.load(tile.weights().asSlice(from * stride), to - from, factor.order());
        if (rule != PruneRule.SPARSEGPT) {
          StaticMasks.apply(panel, rule == PruneRule.WANDA ? sizes() : null, factor.order());
        }
        sum = sum.plus(walk(panel, scales));
        panel.store(tile.out(), from, to);
      }
      // The walk of a static rule knows the error against the pruned matrix only.
      return rule == PruneRule.SPARSEGPT ? sum : SparseErrors.of(tile, statistics);
    } finally {
      idle.add(panel);
    }
  }

  /// Square roots of the diagonal of H by stored column.
  private float[] sizes() {
    MemorySegment h = ArrayMemory.of(statistics.hessian());
    float[] sizes = new float[groups.cols()];
    for (int c = 0; c < sizes.length; c++) {
      sizes[c] =
          (float) Math.sqrt(h.getAtIndex(JAVA_DOUBLE_UNALIGNED, (long) c * groups.cols() + c));
    }
    return sizes;
  }

  @Override
  public SolveEvents events() {
    return factor.events();
  }

  @Override
  public void close() {
    factor.close();
    for (SparsePanel p = idle.poll(); p != null; p = idle.poll()) {
      p.close();
    }
  }

  private TileError walk(SparsePanel panel, GroupScales scales) {
    Panel dense = panel.dense;
    int n = dense.stride();
    long line = (long) n * Float.BYTES;
    for (int p = 0; p < groups.cols(); p++) {
      MemorySegment.copy(dense.weights, p * line, dense.moving, 2 * p * line, line);
      MemorySegment.copy(dense.weights, p * line, dense.moving, (2 * p + 1) * line, line);
    }
    double[] sums = new double[4];
    for (int to = groups.cols(); to > 0; to = (to - 1) / block * block) {
      int from = (to - 1) / block * block;
      for (int end = to; end > from; end = (end - 1) / leaf * leaf) {
        int start = (end - 1) / leaf * leaf;
        if (end % groups.span() == 0) {
          prepareGroup(panel, end, scales);
        }
        MemorySegment deviations = dense.deviations.asSlice(2 * (start - from) * line);
        roundLeaf(panel, start, end, deviations, sums);
        rows.move(
            dense.moving.asSlice(2 * from * line),
            2 * n,
            start,
            end,
            from,
            start,
            n,
            deviations,
            2 * n);
      }
      rows.move(dense.moving, 2 * n, from, to, 0, from, 2 * n, dense.deviations, 2 * n);
      sums[3] += rows.weightNorm(dense, from, to);
    }
    return new TileError(sums[0], sums[1], sums[2], sums[3]);
  }

  /// Masks and scale of the group at positions `[to - span, to)`.
  private void prepareGroup(SparsePanel panel, int to, GroupScales scales) {
    int n = panel.stride();
    int from = to - groups.span();
    if (rule == PruneRule.SPARSEGPT) {
      new Rehearsal(panel, rows, factor, leaf).run(from, to);
    } else {
      float[] column = new float[n];
      for (int p = from; p < to; p++) {
        MemorySegment.copy(
            panel.dense.moving, JAVA_FLOAT_UNALIGNED, 2L * p * n * Float.BYTES, column, 0, n);
        panel.groupColumn(column, 0, factor.order()[p]);
      }
    }
    panel.chooseScale(scales, factor.order()[from] / groups.span());
  }

  /// Rounds the columns at positions `[from, to)`, the highest first.
  ///
  /// @param deviations receives deviations (left) and negated weights (right) for the products to
  ///   come
  private void roundLeaf(
      SparsePanel panel, int from, int to, MemorySegment deviations, double[] sums) {
    int n = panel.stride();
    int width = to - from;
    float[] v = panel.dense.leaf;
    float[] w = panel.dense.original;
    float[] d = new float[n];
    float[] multipliers = new float[width];
    float[] lanes = new float[GridKernel.LANES];
    for (int c = 0; c < width; c++) {
      MemorySegment.copy(
          panel.dense.moving, JAVA_FLOAT_UNALIGNED, 2L * (from + c) * n * Float.BYTES, v, c * n, n);
      panel.weights(from + c, w, c * n);
    }
    for (int c = width - 1; c >= 0; c--) {
      int position = from + c;
      panel.round(kernel, v, c * n, factor.order()[position]);
      for (int i = 0; i < n; i++) {
        float original = w[c * n + i];
        v[c * n + i] = panel.dense.rounded[i] - v[c * n + i];
        d[i] = panel.dense.rounded[i] - original;
        w[c * n + i] = -original;
      }
      double squared = Lanes.sumOfSquares(d, 0, n, lanes);
      double weightSquared = Lanes.sumOfSquares(w, c * n, n, lanes);
      double feedback = Lanes.sumOfSquares(v, c * n, n, lanes);
      sums[0] += squared;
      sums[1] += weightSquared;
      sums[2] += factor.pivots()[position] * feedback - factor.added()[position] * squared;
      sums[3] -= factor.added()[position] * weightSquared;
      rows.read(position, from, multipliers, c);
      for (int k = 0; k < c; k++) {
        Lanes.subtractScaled(v, k * n, d, multipliers[k], n);
      }
      long row = 2L * c * n * Float.BYTES;
      MemorySegment.copy(d, 0, deviations, JAVA_FLOAT_UNALIGNED, row, n);
      MemorySegment.copy(
          w, c * n, deviations, JAVA_FLOAT_UNALIGNED, row + (long) n * Float.BYTES, n);
    }
  }
}
