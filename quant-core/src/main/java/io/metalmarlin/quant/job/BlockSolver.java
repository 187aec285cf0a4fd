package io.metalmarlin.quant.job;

import io.metalmarlin.formats.container.CheckpointWriter;
import io.metalmarlin.formats.scheme.BlockPacking;
import io.metalmarlin.formats.scheme.PackedMatrix;
import io.metalmarlin.formats.scheme.Packing;
import io.metalmarlin.formats.scheme.Plane;
import io.metalmarlin.formats.scheme.QuantizedMatrix;
import io.metalmarlin.formats.scheme.ggml.BlockForm;
import io.metalmarlin.formats.scheme.trellis.TrellisPacking;
import io.metalmarlin.formats.tensor.DType;
import io.metalmarlin.quant.calibrate.CollectedInput;
import io.metalmarlin.quant.calibrate.InputStatistics;
import io.metalmarlin.quant.fold.Folding;
import io.metalmarlin.quant.plan.Drift;
import io.metalmarlin.quant.plan.Recipe;
import io.metalmarlin.quant.plan.Step;
import io.metalmarlin.quant.plan.Tiling;
import io.metalmarlin.quant.solve.DriftTarget;
import io.metalmarlin.quant.solve.Full;
import io.metalmarlin.quant.solve.Method;
import io.metalmarlin.quant.solve.SolveOptions;
import io.metalmarlin.quant.solve.SolveOptions.ScaleRule;
import io.metalmarlin.quant.solve.Solver;
import io.metalmarlin.quant.solve.TileError;
import io.metalmarlin.quant.transform.Transforms;
import io.metalmarlin.runtime.blas.Workers;
import io.metalmarlin.runtime.model.Model;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Solves the linears of one block and writes their planes.
///
/// Rows are solved in fixed tiles shared among the workers; the packed matrix of one linear is the
/// only large thing held.
final class BlockSolver {
  private final Model model;
  private final Recipe recipe;
  private final Method method;
  private final BlockImportance importance;
  private final Folding folding;
  private final CheckpointWriter writer;
  private final Workers workers;
  private final Runnable checkpoint;

  /// @param importance of the columns of weights that go into blocks of ggml
  /// @param folding what the model has in it, for reports
  /// @param checkpoint called between weights; may throw to stop
  BlockSolver(
      Model model,
      Recipe recipe,
      Method method,
      BlockImportance importance,
      Folding folding,
      CheckpointWriter writer,
      Workers workers,
      Runnable checkpoint) {
    this.model = model;
    this.recipe = recipe;
    this.method = method;
    this.importance = importance;
    this.folding = folding;
    this.writer = writer;
    this.workers = workers;
    this.checkpoint = checkpoint;
  }

  /// What the linears of one call have in common.
  ///
  /// @param statistics in the basis the weights are stored in; null without calibration
  /// @param absMax largest input as collected
  /// @param ownShare how much of the statistics is the input's own
  /// @param target moves the weights that are solved; null where they stay the source's
  private record Input(
      @Nullable InputStatistics statistics,
      float absMax,
      double ownShare,
      @Nullable DriftTarget target,
      FusedSets fused) {
    /// Whether the model was calibrated and no token reached this input, nor any it could lean on.
    boolean unreached() {
      return statistics != null && statistics.tokens() == 0 && ownShare == 1;
    }
  }

  /// @param steps linears of one block, each fused set complete; with statistics all of one input
  /// @param collected of their input, in the untransformed basis; null without calibration. Its
  ///   statistics stay valid, its drift does not
  List<LayerReport> solve(
      List<Step.Quantize> steps, @Nullable CollectedInput collected, Consumer<LayerReport> done) {
    InputStatistics given = collected == null ? null : collected.statistics();
    List<LayerReport> reports = new ArrayList<>();
    try (DriftTarget target = collected == null ? null : target(steps, collected)) {
      InputStatistics own =
          given == null
              ? null
              : Transforms.of(steps.getFirst().transform()).applyTo(given, workers);
      float absMax = given == null ? Float.NaN : given.absMax();
      FusedSets fused =
          new FusedSets(steps, s -> weights(s, target).absMax(workers, Tiling.ROWS), this::options);
      try {
        double share = collected == null ? 1 : collected.ownShare();
        solveInputs(steps, new Input(own, absMax, share, target, fused), reports, done);
      } finally {
        if (own != null && own != given) {
          own.close();
        }
      }
    }
    return reports;
  }

  private @Nullable DriftTarget target(List<Step.Quantize> steps, CollectedInput collected) {
    Drift drift = Drift.of(recipe).orElse(null);
    List<LinearWeights> linears = steps.stream().map(s -> weights(s, null)).toList();
    return drift == null ? null : DriftChoice.target(drift, collected, linears, workers);
  }

  private LinearWeights weights(Step.Quantize step, @Nullable DriftTarget target) {
    return new LinearWeights(model, step, target);
  }

  private void solveInputs(
      List<Step.Quantize> steps,
      Input input,
      List<LayerReport> reports,
      Consumer<LayerReport> done) {
    Map<Together, List<Step.Quantize>> byInput = new LinkedHashMap<>();
    steps.forEach(s -> byInput.computeIfAbsent(Together.of(s), g -> new ArrayList<>()).add(s));
    byInput.values().forEach(linears -> solveGroup(linears, input, reports, done));
  }

  /// Linears that one preparation serves.
  private record Together(String inputGroup, Packing packing) {
    static Together of(Step.Quantize step) {
      return new Together(step.linear().inputGroup(), step.packing());
    }
  }

  /// Blocks of ggml that their encoders fill have an importance for each linear; everything else is
  /// prepared once for all.
  private void solveGroup(
      List<Step.Quantize> linears,
      Input input,
      List<LayerReport> reports,
      Consumer<LayerReport> done) {
    if (!linears.getFirst().blocks()) {
      try (PreparedGroup prepared = prepare(linears.getFirst(), input.statistics())) {
        solveAll(linears, prepared, input, reports, done);
      }
      return;
    }
    InputStatistics statistics = input.statistics();
    DType type = ((BlockPacking) linears.getFirst().packing()).type();
    Optional<BlockForm> form = BlockForm.of(type);
    if (method instanceof Full && statistics != null && form.isPresent()) {
      try (PreparedGroup prepared =
          PreparedGroup.fed(form.get(), recipe, statistics, recipe.refine(), workers)) {
        solveAll(linears, prepared, input, reports, done);
      }
      return;
    }
    for (Step.Quantize step : linears) {
      PreparedGroup prepared = new PreparedGroup.Blocks(importance.of(step, statistics));
      solveAll(List.of(step), prepared, input, reports, done);
    }
  }

  private PreparedGroup prepare(Step.Quantize first, @Nullable InputStatistics statistics) {
    return PreparedGroup.of((Solver) method, recipe, first, statistics, options(first), workers);
  }

  private void solveAll(
      List<Step.Quantize> linears,
      PreparedGroup prepared,
      Input input,
      List<LayerReport> reports,
      Consumer<LayerReport> done) {
    for (Step.Quantize step : linears) {
      checkpoint.run();
      long start = System.nanoTime();
      TileError error = solveLinear(step, prepared, input);
      writeInputScale(step, input.absMax());
      LayerReport report = report(step, error, prepared, input, (System.nanoTime() - start) / 1e9);
      reports.add(report);
      done.accept(report);
    }
  }

  private TileError solveLinear(Step.Quantize step, PreparedGroup prepared, Input input) {
    LinearWeights weights = weights(step, input.target());
    FusedSets.Shared shared = input.fused().of(step);
    int rows = weights.rows();
    int cols = weights.cols();
    int tiles = Math.ceilDiv(rows, Tiling.ROWS);
    TileError[] errors = new TileError[tiles];
    try (Arena arena = Arena.ofShared()) {
      PackedMatrix matrix = prepared.empty(step, shared.tensorScale(), arena);
      if (matrix instanceof QuantizedMatrix m && SharedScales.needed(m)) {
        SharedScales.choose(m, weights, options(step), shared.absMax(), workers);
      }
      workers.run(
          tiles,
          t -> {
            int from = t * Tiling.ROWS;
            int to = Math.min(rows, from + Tiling.ROWS);
            try (Arena tileArena = Arena.ofConfined()) {
              MemorySegment w = tileArena.allocate(4L * (to - from) * cols, 64);
              weights.read(from, to, w);
              errors[t] = prepared.solve(matrix, from, to, w, shared.tensorScale());
              if (weights.moved()) {
                weights.readSource(from, to, w);
                errors[t] = TileError.of(matrix, from, to, w, input.statistics());
              }
            }
          });
      write(step, matrix, arena);
    }
    TileError sum = TileError.ZERO;
    for (TileError e : errors) {
      sum = sum.plus(e);
    }
    return sum;
  }

  private void write(Step.Quantize step, PackedMatrix matrix, Arena arena) {
    List<Plane> planes = step.packing().planes(matrix.rows(), matrix.cols());
    List<MemorySegment> bytes = new ArrayList<>();
    for (Plane p : planes) {
      bytes.add(arena.allocate(p.tensor(step.name()).byteSize(), 64));
    }
    step.packing().encode(matrix, bytes);
    for (int i = 0; i < planes.size(); i++) {
      writer.write(planes.get(i).tensor(step.name()).name(), 0, bytes.get(i));
    }
  }

  /// Matrices that a runtime fuses read one input, so they store one number.
  private void writeInputScale(Step.Quantize step, float inputAbsMax) {
    step.inputScale()
        .ifPresent(scale -> {
          byte[] bytes = new byte[Float.BYTES];
          ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putFloat(scale.of(inputAbsMax));
          String tensor = scale.plane().tensor(step.name()).name();
          writer.write(tensor, 0, MemorySegment.ofArray(bytes));
        });
  }

  private SolveOptions options(Step.Quantize step) {
    return options(recipe, method, step, recipe.refine());
  }

  /// What a recipe says for a step.
  ///
  /// @param refine cycles of refinement
  static SolveOptions options(Recipe recipe, Method method, Step.Quantize step, int refine) {
    return new SolveOptions(
        scales(recipe, method, step),
        recipe.damping(),
        recipe.shrink(),
        recipe.order(),
        refine,
        step.profile(),
        step.source().dtype());
  }

  /// A trellis has a rule of its own, also where the other weights have none of it.
  private static ScaleRule scales(Recipe recipe, Method method, Step.Quantize step) {
    if (step.packing() instanceof TrellisPacking) {
      return ScaleRule.SPREAD;
    }
    return recipe.scales() == ScaleRule.SPREAD ? method.defaults().scales() : recipe.scales();
  }

  private LayerReport report(
      Step.Quantize step, TileError error, PreparedGroup prepared, Input input, double seconds) {
    InputStatistics statistics = input.statistics();
    return new LayerReport(
        step.name(),
        step.scheme(),
        recipe.method(),
        step.linear().out(),
        step.linear().in(),
        step.bitsPerWeight(),
        step.sparse() ? .5 : 0,
        ratio(error.squared(), error.weightSquared()),
        statistics == null ? null : Double.valueOf(ratio(error.hessian(), error.weightHessian())),
        statistics == null ? 0 : statistics.tokens(),
        input.ownShare(),
        input.unreached() ? LayerReport.ROUNDED : null,
        prepared.events().damping(),
        prepared.events().dampingRetries(),
        prepared.events().deadColumns(),
        input.target() == null ? 0 : input.target().share(),
        folding.of(step.linear()),
        Transforms.of(step.transform()).name(),
        seconds);
  }

  /// An all-zero matrix is reproduced exactly: its relative error is 0, not 0/0.
  private static double ratio(double error, double reference) {
    return reference == 0 ? 0 : error / reference;
  }
}
