package io.metalmarlin.quant.job;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import io.metalmarlin.formats.model.Activations;
import io.metalmarlin.formats.scheme.BlockPacking;
import io.metalmarlin.formats.scheme.PackedMatrix;
import io.metalmarlin.formats.scheme.Packing;
import io.metalmarlin.formats.scheme.TensorScale;
import io.metalmarlin.formats.scheme.ggml.BlockForm;
import io.metalmarlin.formats.scheme.trellis.TrellisPacking;
import io.metalmarlin.quant.calibrate.ArrayMemory;
import io.metalmarlin.quant.calibrate.InputStatistics;
import io.metalmarlin.quant.fold.FoldSite;
import io.metalmarlin.quant.fold.Smoothing;
import io.metalmarlin.quant.plan.Recipe;
import io.metalmarlin.quant.plan.Step;
import io.metalmarlin.quant.solve.BlockFeedback;
import io.metalmarlin.quant.solve.Methods;
import io.metalmarlin.quant.solve.SolveOptions;
import io.metalmarlin.quant.solve.Solver;
import io.metalmarlin.quant.solve.TensorScales;
import io.metalmarlin.quant.solve.TileError;
import io.metalmarlin.quant.transform.Transform;
import io.metalmarlin.quant.transform.Transforms;
import io.metalmarlin.runtime.blas.Workers;
import io.metalmarlin.runtime.model.Model;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/// Chooses what is folded into one input by what the recipe's solver makes of some rows of every
/// linear that reads it: rounded with statistics of some tokens, measured on those of others.
final class FoldChoice {
  /// Rows of all linears together.
  private static final int ROWS = 256;

  private static final int LEAST_ROWS = 4;

  /// A fold has to be better by so much than nothing: the measurement has an error too.
  private static final double GAIN = .98;

  private final Model model;
  private final Recipe recipe;
  private final Transform transform;
  private final Workers workers;

  FoldChoice(Model model, Recipe recipe, Workers workers) {
    this.model = model;
    this.recipe = recipe;
    this.transform = Transforms.of(recipe.transform());
    this.workers = workers;
  }

  /// Whether a weight can be rounded row by row with an input that stays as it is.
  static boolean tries(Step.Quantize step) {
    if (step.stored().activations() != Activations.NONE || step.sparse()) {
      return false;
    }
    return step.packing() instanceof BlockPacking b
        ? BlockForm.of(b.type()).isPresent()
        : !(step.packing() instanceof TrellisPacking) && step.grid().groupRows() == 1;
  }

  /// What won.
  ///
  /// @param exponents of the channels
  record Chosen(Smoothing smoothing, int[] exponents) {}

  /// Some rows of one linear.
  private record Sample(Step.Quantize step, float[] weights, int rows) {}

  /// @param steps of the site's readers that are quantized
  /// @param solved statistics that are solved with; stay valid
  /// @param heldOut statistics of other tokens; likewise
  Optional<Chosen> choose(
      FoldSite site, List<Step.Quantize> steps, InputStatistics solved, InputStatistics heldOut) {
    int rows = Math.max(LEAST_ROWS, ROWS / steps.size());
    List<Sample> samples = steps.stream().map(s -> sample(s, rows)).toList();
    double[] inputs = inputs(site, solved);
    double[] columns = columns(site, samples);
    double least = GAIN * loss(samples, new int[site.channelOf().length], solved, heldOut);
    Optional<Chosen> best = Optional.empty();
    Set<List<Integer>> tried = new HashSet<>();
    tried.add(Arrays.stream(new int[site.channels()]).boxed().toList());
    for (Smoothing s : Smoothing.ALL) {
      int[] exponents = s.exponents(inputs, columns);
      if (tried.add(Arrays.stream(exponents).boxed().toList())) {
        double loss = loss(samples, site.columns(exponents), solved, heldOut);
        if (loss < least) {
          least = loss;
          best = Optional.of(new Chosen(s, exponents));
        }
      }
    }
    return best;
  }

  private Sample sample(Step.Quantize step, int most) {
    LinearWeights source = new LinearWeights(model, step, Transforms.NONE, null);
    int rows = Math.min(most, source.rows());
    int cols = source.cols();
    float[] weights = new float[rows * cols];
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment row = arena.allocate(4L * cols, 64);
      for (int i = 0; i < rows; i++) {
        int at = (int) ((long) i * source.rows() / rows);
        source.read(at, at + 1, row);
        MemorySegment.copy(row, JAVA_FLOAT_UNALIGNED, 0, weights, i * cols, cols);
      }
    }
    return new Sample(step, weights, rows);
  }

  private static double[] inputs(FoldSite site, InputStatistics statistics) {
    double[] squares = new double[site.channels()];
    MemorySegment h = ArrayMemory.of(statistics.hessian());
    long cols = statistics.cols();
    for (int c = 0; c < cols; c++) {
      squares[site.channelOf()[c]] += h.getAtIndex(JAVA_DOUBLE_UNALIGNED, c * cols + c);
    }
    return squares;
  }

  /// Every linear counts alike.
  private static double[] columns(FoldSite site, List<Sample> samples) {
    double[] squares = new double[site.channels()];
    for (Sample s : samples) {
      int cols = site.channelOf().length;
      double sum = 0;
      double[] own = new double[site.channels()];
      for (int i = 0; i < s.weights().length; i++) {
        double square = (double) s.weights()[i] * s.weights()[i];
        own[site.channelOf()[i % cols]] += square;
        sum += square;
      }
      for (int c = 0; c < own.length && sum > 0; c++) {
        squares[c] += own[c] / sum;
      }
    }
    return squares;
  }

  /// The mean relative error on the tokens held out.
  private double loss(
      List<Sample> samples, int[] exponents, InputStatistics solved, InputStatistics heldOut) {
    Map<Packing, List<Sample>> byPacking = new LinkedHashMap<>();
    samples.forEach(
        s -> byPacking.computeIfAbsent(s.step().packing(), p -> new ArrayList<>()).add(s));
    double sum = 0;
    try (InputStatistics own = scaled(solved, exponents);
        InputStatistics other = scaled(heldOut, exponents)) {
      for (List<Sample> alike : byPacking.values()) {
        try (PreparedGroup prepared = prepare(alike.getFirst().step(), own)) {
          for (Sample s : alike) {
            sum += loss(s, exponents, prepared, other);
          }
        }
      }
    }
    return sum / samples.size();
  }

  private double loss(
      Sample sample, int[] exponents, PreparedGroup prepared, InputStatistics heldOut) {
    Step.Quantize step = sample.step();
    int count = sample.weights().length;
    int cols = exponents.length;
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment w = arena.allocate(4L * count, 64);
      for (int i = 0; i < count; i++) {
        float scaled = Math.scalb(sample.weights()[i], exponents[i % cols]);
        w.setAtIndex(JAVA_FLOAT_UNALIGNED, i, scaled);
      }
      transform.applyToRows(w, sample.rows(), cols);
      TensorScale scale =
          step.blocks()
              ? TensorScale.NONE
              : TensorScales.of(step.grid(), TensorScales.absMax(w, count), options(step));
      PackedMatrix matrix = prepared.empty(step, scale, arena);
      prepared.solve(matrix, 0, sample.rows(), w, scale);
      TileError error = TileError.of(matrix, 0, sample.rows(), w, heldOut);
      return error.weightHessian() == 0 ? 0 : error.hessian() / error.weightHessian();
    }
  }

  private PreparedGroup prepare(Step.Quantize step, InputStatistics statistics) {
    if (step.blocks()) {
      BlockForm form = BlockForm.of(((BlockPacking) step.packing()).type()).orElseThrow();
      return new PreparedGroup.FedBlocks(
          BlockFeedback.prepare(form, statistics, recipe.damping(), recipe.shrink(), 0, workers));
    }
    Solver solver = (Solver) Methods.of(recipe.method());
    return PreparedGroup.of(solver, recipe, step, statistics, options(step), workers);
  }

  /// Without refinement, which moves all candidates alike.
  private SolveOptions options(Step.Quantize step) {
    return new SolveOptions(
        recipe.scales(),
        recipe.damping(),
        recipe.shrink(),
        recipe.order(),
        0,
        step.profile(),
        step.source().dtype());
  }

  /// Statistics of the divided input in the basis in which weights are stored.
  private InputStatistics scaled(InputStatistics statistics, int[] exponents) {
    int cols = statistics.cols();
    INDArray copy = ArrayMemory.zeros(DataType.DOUBLE, cols, cols);
    MemorySegment from = ArrayMemory.of(statistics.hessian());
    MemorySegment to = ArrayMemory.of(copy);
    for (int i = 0; i < cols; i++) {
      for (int j = 0; j < cols; j++) {
        long at = (long) i * cols + j;
        double h = from.getAtIndex(JAVA_DOUBLE_UNALIGNED, at);
        to.setAtIndex(JAVA_DOUBLE_UNALIGNED, at, Math.scalb(h, -exponents[i] - exponents[j]));
      }
    }
    InputStatistics divided = new InputStatistics(copy, statistics.tokens(), statistics.absMax());
    InputStatistics turned = transform.applyTo(divided, workers);
    if (turned != divided) {
      divided.close();
    }
    return turned;
  }
}
