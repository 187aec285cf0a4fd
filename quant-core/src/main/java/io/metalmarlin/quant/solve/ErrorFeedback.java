package io.metalmarlin.quant.solve;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import io.metalmarlin.formats.scheme.GroupScheme;
import io.metalmarlin.formats.scheme.TensorScale;
import io.metalmarlin.quant.calibrate.ArrayMemory;
import io.metalmarlin.quant.calibrate.InputStatistics;
import io.metalmarlin.quant.solve.SolveOptions.ColumnOrder;
import io.metalmarlin.quant.solve.SolveOptions.ScaleRule;
import io.metalmarlin.runtime.blas.OpenBlas;
import io.metalmarlin.runtime.blas.Workers;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/// The column loop of GPTQ: rounds column after column and lets the columns still to come make up
/// for each error. See [ColumnFactor] for the formula.
///
/// Scales are chosen first, on the original weights and the stored groups (static order: nothing
/// but the order of rounding changes), or by [ScaleReplay] when the loop reaches a group. Columns
/// are cut into blocks, and blocks into leaves ([Cuts]): in a leaf a column's deviation reaches the
/// others at once, the rest of the block receives a leaf's deviations and all later blocks a
/// block's deviations in one matrix product each.
///
/// The Hessian-weighted sums cost next to nothing: `tr(D H_r D')` is the sum of `pivot * (q - v)^2`
/// over all roundings (loss identity), `tr(W H_r W')` rides along in the same matrix product, and H
/// is H_r minus the added diagonal.
final class ErrorFeedback implements Solver.Prepared {
  private final GroupScheme scheme;
  private final SolveOptions options;
  private final GridKernel kernel;
  private final ColumnFactor factor;
  private final MemorySegment lower;
  private final int[] position;
  private final int cols;
  private final Cuts cuts;
  private final boolean replays;
  private final @Nullable HessianProducts products;
  private final ConcurrentLinkedQueue<Panel> idle = new ConcurrentLinkedQueue<>();

  /// With the factor of the statistics, in whose order a group stays together where the options ask
  /// for that.
  static ErrorFeedback of(
      GroupScheme scheme,
      SolveOptions options,
      GridKernel kernel,
      InputStatistics statistics,
      Workers workers) {
    boolean grouped = options.order() == ColumnOrder.GAR;
    int unit = grouped ? Math.min(statistics.cols(), scheme.groupSize()) : 1;
    ColumnFactor factor = ColumnFactor.of(statistics, options, unit, workers);
    return new ErrorFeedback(scheme, options, kernel, factor);
  }

  /// @param factor owned by this object from now on
  ErrorFeedback(GroupScheme scheme, SolveOptions options, GridKernel kernel, ColumnFactor factor) {
    this.scheme = scheme;
    this.options = options;
    this.kernel = kernel;
    this.factor = factor;
    this.lower = ArrayMemory.of(factor.lower());
    this.cols = factor.order().length;
    this.replays =
        options.scales() == ScaleRule.REPLAY && SolveOptions.replays(scheme, groupSize());
    if (replays && options.order() == ColumnOrder.ACT) {
      throw new IllegalArgumentException("activation order scatters the groups to replay");
    }
    this.products = options.refine() > 0 ? new HessianProducts(factor, lower) : null;
    boolean together =
        options.order() != ColumnOrder.ACT && SolveOptions.replays(scheme, groupSize());
    this.cuts =
        replays || products != null && together
            ? Cuts.betweenGroups(factor.order(), groupSize())
            : Cuts.fixed(cols);
    this.position = new int[cols];
    for (int p = 0; p < cols; p++) {
      position[factor.order()[p]] = p;
    }
  }

  @Override
  public TileError solve(RowTile tile, TensorScale tensorScale) {
    GroupScales scales = GroupScales.of(scheme, kernel, options, tensorScale);
    ScaleCandidates candidates = GroupScales.candidates(scheme, kernel, options, tensorScale);
    ScaleReplay replay =
        replays ? new ScaleReplay(factor, lower, kernel, groupSize(), candidates.count()) : null;
    Panel reused = idle.poll();
    Panel panel =
        reused == null ? new Panel(scheme, cols, cuts.widestBlock(), cuts.widestLeaf()) : reused;
    try {
      TileError sum = TileError.ZERO;
      for (int from = 0; from < tile.rows(); from += Panel.ROWS) {
        int to = Math.min(from + Panel.ROWS, tile.rows());
        panel.load(
            tile.weights().asSlice((long) from * cols * Float.BYTES), to - from, factor.order());
        if (scheme.groupRows() > 1) {
          panel.takeScales(scales, tile.out(), from, to - from);
        } else if (replay == null) {
          panel.chooseScales(scales, position);
        }
        TileError walked = walk(panel, leafScales(panel, replay, candidates));
        sum = sum.plus(products == null ? walked : refine(panel, products, scales, walked));
        panel.store(tile.out(), from, to);
      }
      return sum;
    } finally {
      idle.add(panel);
    }
  }

  @Override
  public SolveEvents events() {
    return factor.events();
  }

  @Override
  public void close() {
    factor.close();
    for (Panel p = idle.poll(); p != null; p = idle.poll()) {
      p.close();
    }
  }

  /// Improves what the walk left in the panel; its error changes, the weights' norms stay.
  private TileError refine(Panel panel, HessianProducts h, GroupScales scales, TileError walked) {
    try (Arena arena = Arena.ofConfined()) {
      Descent descent = new Descent(panel, h, kernel, factor.order(), cuts, arena);
      descent.run(new GroupRefit(scheme, scales, kernel.joint(), panel, arena), options.refine());
      double[] sums = descent.sums(factor);
      return new TileError(sums[0], walked.weightSquared(), sums[1], walked.weightHessian());
    }
  }

  private int groupSize() {
    return Math.min(cols, scheme.groupSize());
  }

  /// What has to happen before a column is rounded.
  private interface LeafScales {
    /// @param top position about to be rounded
    /// @param leaf lowest position of its leaf
    void before(int top, int leaf);
  }

  private LeafScales leafScales(
      Panel panel, @Nullable ScaleReplay replay, ScaleCandidates candidates) {
    if (replay == null) {
      return (top, leaf) -> {};
    }
    return (top, leaf) -> {
      int from = cuts.groupFrom()[top];
      if (from >= 0) {
        int n = panel.stride();
        int first = factor.order()[top] / groupSize() * n;
        int at = (from - leaf) * n;
        replay.choose(candidates, panel, from, top + 1, at, first);
      }
    };
  }

  private TileError walk(Panel panel, LeafScales scales) {
    int n = panel.stride();
    for (int p = 0; p < cols; p++) {
      long from = (long) p * n * Float.BYTES;
      MemorySegment.copy(panel.weights, from, panel.moving, 2 * from, (long) n * Float.BYTES);
      MemorySegment.copy(
          panel.weights,
          from,
          panel.moving,
          2 * from + (long) n * Float.BYTES,
          (long) n * Float.BYTES);
    }
    double[] sums = new double[4];
    for (int b = 1, leaf = 1; b < cuts.blocks().length; b++) {
      int to = cuts.blocks()[b - 1];
      int from = cuts.blocks()[b];
      for (; leaf < cuts.leaves().length && cuts.leaves()[leaf] >= from; leaf++) {
        int end = cuts.leaves()[leaf - 1];
        int start = cuts.leaves()[leaf];
        MemorySegment deviations = panel.deviations.asSlice(2L * (start - from) * n * Float.BYTES);
        roundLeaf(panel, start, end, scales, deviations, sums);
        move(panel, start, end, from, start, n, deviations);
      }
      move(panel, from, to, 0, from, 2 * n, panel.deviations);
      addWeightNorm(panel, from, to, sums);
    }
    return new TileError(sums[0], sums[1], sums[2], sums[3]);
  }

  /// Moves the values at positions `[first, last)` by the deviations of positions `[from, to)`.
  ///
  /// @param width columns of `panel.moving` to move: its left half or all
  private void move(
      Panel panel, int from, int to, int first, int last, int width, MemorySegment deviations) {
    int n = panel.stride();
    OpenBlas.sgemm(
        true,
        false,
        last - first,
        width,
        to - from,
        -1,
        multipliers(from, first),
        cols,
        deviations,
        2 * n,
        1,
        panel.moving.asSlice(2L * first * n * Float.BYTES),
        2 * n);
  }

  /// Rounds the columns at positions `[from, to)`, the highest first.
  ///
  /// @param deviations receives deviations (left) and negated weights (right) for the products to
  ///   come
  private void roundLeaf(
      Panel panel, int from, int to, LeafScales scales, MemorySegment deviations, double[] sums) {
    int n = panel.stride();
    int width = to - from;
    float[] v = panel.leaf;
    float[] w = panel.original;
    float[] d = new float[n];
    float[] multipliers = new float[width];
    float[] lanes = new float[GridKernel.LANES];
    for (int c = 0; c < width; c++) {
      MemorySegment.copy(
          panel.moving, JAVA_FLOAT_UNALIGNED, 2L * (from + c) * n * Float.BYTES, v, c * n, n);
    }
    MemorySegment.copy(
        panel.weights, JAVA_FLOAT_UNALIGNED, (long) from * n * Float.BYTES, w, 0, width * n);
    for (int c = width - 1; c >= 0; c--) {
      scales.before(from + c, from);
      panel.round(kernel, v, c * n, factor.order()[from + c]);
      for (int i = 0; i < n; i++) {
        float original = w[c * n + i];
        v[c * n + i] = panel.rounded[i] - v[c * n + i];
        d[i] = panel.rounded[i] - original;
        w[c * n + i] = -original;
      }
      double squared = Lanes.sumOfSquares(d, 0, n, lanes);
      double weightSquared = Lanes.sumOfSquares(w, c * n, n, lanes);
      double feedback = Lanes.sumOfSquares(v, c * n, n, lanes);
      sums[0] += squared;
      sums[1] += weightSquared;
      sums[2] += factor.pivots()[from + c] * feedback - factor.added()[from + c] * squared;
      sums[3] -= factor.added()[from + c] * weightSquared;
      MemorySegment.copy(multipliers(from + c, from), JAVA_FLOAT_UNALIGNED, 0, multipliers, 0, c);
      for (int k = 0; k < c; k++) {
        Lanes.subtractScaled(v, k * n, d, multipliers[k], n);
      }
      long row = 2L * c * n * Float.BYTES;
      MemorySegment.copy(d, 0, deviations, JAVA_FLOAT_UNALIGNED, row, n);
      // The value is used up; refinement reads the deviation in its place.
      MemorySegment.copy(
          d, 0, panel.moving, JAVA_FLOAT_UNALIGNED, 2L * (from + c) * n * Float.BYTES, n);
      MemorySegment.copy(
          w, c * n, deviations, JAVA_FLOAT_UNALIGNED, row + (long) n * Float.BYTES, n);
    }
  }

  /// The factor from row `from` and column `first` on, leading dimension `cols`.
  private MemorySegment multipliers(int from, int first) {
    return lower.asSlice(((long) from * cols + first) * Float.BYTES);
  }

  /// Adds `|W L|^2` of the block's columns.
  private void addWeightNorm(Panel panel, int from, int to, double[] sums) {
    int n = panel.stride();
    int width = to - from;
    MemorySegment right = panel.moving.asSlice((2L * from * n + n) * Float.BYTES);
    float[] line = new float[width];
    for (int i = 0; i < width; i++) {
      MemorySegment.copy(multipliers(from + i, from), JAVA_FLOAT_UNALIGNED, 0, line, 0, i);
      MemorySegment.copy(
          line, 0, panel.triangle, JAVA_FLOAT_UNALIGNED, (long) i * width * Float.BYTES, width);
    }
    OpenBlas.sgemm(
        true,
        false,
        width,
        n,
        width,
        -1,
        panel.triangle,
        width,
        panel.deviations.asSlice((long) n * Float.BYTES),
        2 * n,
        1,
        right,
        2 * n);
    float[] column = new float[n];
    float[] lanes = new float[GridKernel.LANES];
    for (int c = 0; c < width; c++) {
      MemorySegment.copy(right, JAVA_FLOAT_UNALIGNED, 2L * c * n * Float.BYTES, column, 0, n);
      sums[3] += factor.pivots()[from + c] * Lanes.sumOfSquares(column, 0, n, lanes);
    }
  }
}
