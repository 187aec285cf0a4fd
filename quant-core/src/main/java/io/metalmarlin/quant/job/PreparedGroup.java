package io.metalmarlin.quant.job;

import io.metalmarlin.formats.scheme.BlockMatrix;
import io.metalmarlin.formats.scheme.BlockPacking;
import io.metalmarlin.formats.scheme.GroupScheme;
import io.metalmarlin.formats.scheme.PackedMatrix;
import io.metalmarlin.formats.scheme.QuantizedMatrix;
import io.metalmarlin.formats.scheme.Sparse24Matrix;
import io.metalmarlin.formats.scheme.TensorScale;
import io.metalmarlin.formats.scheme.TrellisMatrix;
import io.metalmarlin.formats.scheme.TrellisScheme;
import io.metalmarlin.formats.scheme.ggml.BlockForm;
import io.metalmarlin.formats.scheme.trellis.TrellisPacking;
import io.metalmarlin.quant.calibrate.InputStatistics;
import io.metalmarlin.quant.plan.Recipe;
import io.metalmarlin.quant.plan.Step;
import io.metalmarlin.quant.solve.BlockFeedback;
import io.metalmarlin.quant.solve.BlockRows;
import io.metalmarlin.quant.solve.PruneRule;
import io.metalmarlin.quant.solve.RowTile;
import io.metalmarlin.quant.solve.SolveEvents;
import io.metalmarlin.quant.solve.SolveOptions;
import io.metalmarlin.quant.solve.Solver;
import io.metalmarlin.quant.solve.SparseSolver;
import io.metalmarlin.quant.solve.SparseTile;
import io.metalmarlin.quant.solve.TileError;
import io.metalmarlin.quant.solve.TrellisSolver;
import io.metalmarlin.runtime.blas.Workers;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// A method that is ready for the linears of one input: for whole matrices, for 2:4 sparse ones, or
/// for blocks of ggml.
sealed interface PreparedGroup extends AutoCloseable {
  /// @param first any linear of the group
  /// @param statistics of their input; stays valid until the result is closed
  static PreparedGroup of(
      Solver solver,
      Recipe recipe,
      Step.Quantize first,
      @Nullable InputStatistics statistics,
      SolveOptions options,
      Workers workers) {
    int cols = first.linear().in();
    PruneRule rule = recipe.sparsity();
    if (first.packing() instanceof TrellisPacking p) {
      return new Trellis(
          p.scheme(),
          TrellisSolver.prepare(
              p.scheme(), java.util.Objects.requireNonNull(statistics), options, workers));
    }
    return rule == null
        ? new Dense(solver.prepare(first.grid(), cols, statistics, options, workers))
        : new Sparse(
            SparseSolver.prepare(solver, rule, first.grid(), cols, statistics, options, workers));
  }

  /// For blocks of ggml of one input.
  ///
  /// @param form of all linears of the group
  /// @param statistics of their input; stays valid until the result is closed
  /// @param refine cycles of refinement
  static PreparedGroup fed(
      BlockForm form, Recipe recipe, InputStatistics statistics, int refine, Workers workers) {
    return new FedBlocks(
        BlockFeedback.prepare(
            form, statistics, recipe.damping(), recipe.shrink(), refine, workers));
  }

  /// A matrix to fill.
  PackedMatrix empty(Step.Quantize step, TensorScale tensorScale, Arena arena);

  /// Solves the rows `[from, to)` of a matrix of [#empty].
  ///
  /// @param weights these rows, fp32, row-major
  TileError solve(
      PackedMatrix matrix, int from, int to, MemorySegment weights, TensorScale tensorScale);

  SolveEvents events();

  @Override
  void close();

  /// All columns are kept.
  record Dense(Solver.Prepared solver) implements PreparedGroup {
    @Override
    public QuantizedMatrix empty(Step.Quantize step, TensorScale tensorScale, Arena arena) {
      return matrix(step.grid(), step.linear().out(), step.linear().in(), tensorScale, arena);
    }

    @Override
    public TileError solve(
        PackedMatrix matrix, int from, int to, MemorySegment weights, TensorScale tensorScale) {
      QuantizedMatrix rows = SharedScales.rows((QuantizedMatrix) matrix, from, to);
      return solver.solve(new RowTile(weights, rows), tensorScale);
    }

    @Override
    public SolveEvents events() {
      return solver.events();
    }

    @Override
    public void close() {
      solver.close();
    }
  }

  /// Columns are rounded along a trellis.
  record Trellis(TrellisScheme scheme, Solver.Prepared solver) implements PreparedGroup {
    @Override
    public TrellisMatrix empty(Step.Quantize step, TensorScale tensorScale, Arena arena) {
      return new TrellisMatrix(
          scheme,
          matrix(scheme.symbols(), step.linear().out(), step.linear().in(), tensorScale, arena));
    }

    @Override
    public TileError solve(
        PackedMatrix matrix, int from, int to, MemorySegment weights, TensorScale tensorScale) {
      TrellisMatrix rows = ((TrellisMatrix) matrix).rows(from, to);
      return solver.solve(new RowTile(weights, rows.symbols()), tensorScale);
    }

    @Override
    public SolveEvents events() {
      return solver.events();
    }

    @Override
    public void close() {
      solver.close();
    }
  }

  /// Two of four columns are kept.
  record Sparse(SparseSolver.Prepared solver) implements PreparedGroup {
    @Override
    public Sparse24Matrix empty(Step.Quantize step, TensorScale tensorScale, Arena arena) {
      int rows = step.linear().out();
      int cols = step.linear().in();
      return new Sparse24Matrix(
          matrix(step.grid(), rows, cols / 2, tensorScale, arena),
          arena.allocate((long) rows * Sparse24Matrix.stride(cols), 64));
    }

    @Override
    public TileError solve(
        PackedMatrix matrix, int from, int to, MemorySegment weights, TensorScale tensorScale) {
      Sparse24Matrix rows = ((Sparse24Matrix) matrix).rows(from, to);
      return solver.solve(new SparseTile(weights, rows), tensorScale);
    }

    @Override
    public SolveEvents events() {
      return solver.events();
    }

    @Override
    public void close() {
      solver.close();
    }
  }

  /// Blocks of ggml, whose encoders choose scales and codes together.
  record Blocks(BlockRows rounding) implements PreparedGroup {
    @Override
    public BlockMatrix empty(Step.Quantize step, TensorScale tensorScale, Arena arena) {
      return blocks(step, arena);
    }

    @Override
    public TileError solve(
        PackedMatrix matrix, int from, int to, MemorySegment weights, TensorScale tensorScale) {
      return rounding.round(weights, ((BlockMatrix) matrix).rows(from, to));
    }

    @Override
    public SolveEvents events() {
      return new SolveEvents(rounding.deadColumns(), 0, 0);
    }

    /// Nothing to free.
    @Override
    public void close() {}
  }

  /// Blocks of ggml that are filled with error feedback.
  record FedBlocks(BlockFeedback feedback) implements PreparedGroup {
    @Override
    public BlockMatrix empty(Step.Quantize step, TensorScale tensorScale, Arena arena) {
      return blocks(step, arena);
    }

    @Override
    public TileError solve(
        PackedMatrix matrix, int from, int to, MemorySegment weights, TensorScale tensorScale) {
      return feedback.solve(weights, ((BlockMatrix) matrix).rows(from, to));
    }

    @Override
    public SolveEvents events() {
      return feedback.events();
    }

    @Override
    public void close() {
      feedback.close();
    }
  }

  private static BlockMatrix blocks(Step.Quantize step, Arena arena) {
    BlockPacking packing = (BlockPacking) step.packing();
    int rows = step.linear().out();
    int cols = step.linear().in();
    long bytes = packing.planes(rows, cols).getFirst().tensor(step.name()).byteSize();
    return new BlockMatrix(packing.type(), rows, cols, arena.allocate(bytes, 64));
  }

  private static QuantizedMatrix matrix(
      GroupScheme scheme, int rows, int cols, TensorScale tensorScale, Arena arena) {
    long zeros = QuantizedMatrix.zeroBytes(scheme, rows, cols);
    return new QuantizedMatrix(
        scheme,
        rows,
        cols,
        arena.allocate(QuantizedMatrix.codeBytes(scheme, rows, cols), 64),
        arena.allocate(QuantizedMatrix.scaleBytes(scheme, rows, cols), 64),
        tensorScale,
        zeros == 0 ? null : arena.allocate(zeros, 64),
        null);
  }
}
