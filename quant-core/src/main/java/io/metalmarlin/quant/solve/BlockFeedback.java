package io.metalmarlin.quant.solve;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.scheme.BlockMatrix;
import io.metalmarlin.formats.scheme.ggml.BlockForm;
import io.metalmarlin.formats.scheme.ggml.PointForm;
import io.metalmarlin.quant.calibrate.InputStatistics;
import io.metalmarlin.quant.solve.SolveOptions.ColumnOrder;
import io.metalmarlin.runtime.blas.Workers;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.ConcurrentLinkedQueue;

/// Error feedback inside the block types of ggml.
///
/// First scales and mins are those of the type's own encoder with the diagonal of H as importance,
/// or of [PointSteps]; the fp16 steps of the blocks stay. Then run after run, in group-aware order:
/// out of the scales and mins that can be stored around them the ones are taken under which
/// rounding the moved weights adds least to the loss ([RunSearch]), and the errors go to the runs
/// still to come ([BlockSweep]). At last every run is rounded again with all others in place
/// ([BlockRefinement]).
///
/// Prepared once for all linears with one input; safe for use by several threads.
public final class BlockFeedback implements AutoCloseable {
  private static final int ROWS = BlockPanel.ROWS;

  /// Least importance of a column, relative to the mean.
  private static final double LEAST = 1e-6;

  private final BlockForm form;
  private final int cycles;
  private final float[] importance;
  private final ColumnFactor factor;
  private final BlockHessian hessian;
  private final BlockSweep sweep;
  private final BlockRefinement refinement;
  private final ConcurrentLinkedQueue<BlockPanel> idle = new ConcurrentLinkedQueue<>();

  private BlockFeedback(
      BlockForm form,
      InputStatistics statistics,
      int cycles,
      ColumnFactor factor,
      Workers workers) {
    this.form = form;
    this.cycles = cycles;
    this.importance = importance(statistics);
    this.factor = factor;
    this.hessian = BlockHessian.of(statistics, factor, form.run(), workers);
    this.sweep = new BlockSweep(factor, form.run());
    this.refinement = new BlockRefinement(factor, hessian);
  }

  /// The diagonal of H for the encoder. Columns that were never active count a little: an encoder
  /// gives a run without any importance the scale 0, and its weights would be lost.
  private static float[] importance(InputStatistics statistics) {
    float[] diagonal = BlockRows.importance(statistics);
    double sum = 0;
    for (float h : diagonal) {
      sum += h;
    }
    float least = sum > 0 ? (float) (LEAST * sum / diagonal.length) : 1;
    for (int i = 0; i < diagonal.length; i++) {
      diagonal[i] = Math.max(diagonal[i], least);
    }
    return diagonal;
  }

  /// @param statistics of the input, a whole number of blocks wide
  /// @param damping initial damping relative to the mean diagonal of H
  /// @param shrink damping of each diagonal entry of H relative to itself
  /// @param refine passes over all runs after the first
  /// @throws MarlinException `NOT_POSITIVE_DEFINITE` when damping retries are used up
  public static BlockFeedback prepare(
      BlockForm form,
      InputStatistics statistics,
      double damping,
      double shrink,
      int refine,
      Workers workers) {
    // The columns of a vector stay in stored order, those of a run of single weights need not.
    ColumnOrder order = form instanceof PointForm ? ColumnOrder.ACT : ColumnOrder.GAR;
    ColumnFactor factor =
        ColumnFactor.of(statistics, damping, shrink, order, false, form.run(), workers);
    return new BlockFeedback(form, statistics, refine, factor, workers);
  }

  /// Everything unusual that happened while preparing.
  public SolveEvents events() {
    return factor.events();
  }

  /// Fills the blocks of some rows of a matrix.
  ///
  /// @param weights fp32, row-major, the rows of `out`
  /// @throws MarlinException `NUMERIC_FAILURE` for weights that the type's range does not hold
  public TileError solve(MemorySegment weights, BlockMatrix out) {
    float[] w = new float[Math.multiplyExact(out.rows(), out.cols())];
    MemorySegment.copy(weights, JAVA_FLOAT_UNALIGNED, 0, w, 0, w.length);
    BlockPanel reused = idle.poll();
    BlockPanel panel = reused == null ? new BlockPanel(form, factor.order()) : reused;
    try {
      TileError sum = TileError.ZERO;
      for (int from = 0; from < out.rows(); from += ROWS) {
        int rows = Math.min(ROWS, out.rows() - from);
        sum = sum.plus(solve(panel, w, from * out.cols(), rows));
        if (!Double.isFinite(sum.squared())) {
          throw new MarlinException(
              ErrorCode.NUMERIC_FAILURE,
              out.type().name(),
              "a block holds no number after rounding",
              "Choose a type with a wider range such as Q8_0.");
        }
        panel.store(out, from, rows);
      }
      return sum;
    } finally {
      idle.add(panel);
    }
  }

  private TileError solve(BlockPanel panel, float[] w, int from, int rows) {
    panel.load(w, from, rows);
    if (form instanceof PointForm points) {
      new PointSteps(points, hessian.runs()).choose(panel);
    } else {
      panel.encoderScales(w, from, rows, importance);
    }
    sweep.round(panel);
    refinement.start(panel);
    for (int c = 0; c < cycles; c++) {
      refinement.improve(panel);
    }
    return refinement.errors(panel);
  }

  @Override
  public void close() {
    factor.close();
    hessian.close();
    for (BlockPanel p = idle.poll(); p != null; p = idle.poll()) {
      p.close();
    }
  }
}
