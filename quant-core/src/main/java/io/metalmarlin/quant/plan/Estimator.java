package io.metalmarlin.quant.plan;

import io.metalmarlin.quant.calibrate.CalibrationSet;
import io.metalmarlin.quant.fold.Smoothing;
import io.metalmarlin.quant.solve.Full;
import io.metalmarlin.runtime.model.Attention;
import io.metalmarlin.runtime.model.ModelSpec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Predicts memory, disk and time of a plan from its shapes (algorithms: cost table of the GPTQ
/// family).
///
/// The constant terms are measured on this implementation (`BENCHMARKS.md`, "where the memory
/// goes").
final class Estimator {
  /// JVM, libraries, code cache and heap of a process that quantizes a model of almost no size.
  private static final long BASE_BYTES = 230L << 20;

  /// Share of the timed product rate that a whole run reaches.
  private static final double EFFICIENCY = 0.6;

  /// Candidates of a replayed group, squares and gradients of a refined block, for one thread.
  private static final long WORK_BYTES = 3L << 20;

  private static final double BYTES_PER_SECOND = 4e8;

  /// What may be folded into an input, nothing being one of them.
  private static final int FOLD_TRIALS = 1 + Smoothing.ALL.size();

  /// What error feedback inside blocks costs without refinement, relative to plain feedback.
  private static final int FED_PASSES = 7;

  private final ModelSpec spec;
  private final List<Step> steps;
  private final Optional<CalibrationSet> calibration;
  private final Machine machine;
  private final Target target;
  // The quantized prefix, and the source beside it where drift is made up for.
  private final int streams;
  private final boolean holdsOut;
  private final int refine;
  private final boolean fedBlocks;
  private final boolean folds;

  Estimator(
      ModelSpec spec,
      Recipe recipe,
      List<Step> steps,
      Optional<CalibrationSet> calibration,
      Machine machine) {
    this.spec = spec;
    this.steps = steps;
    this.calibration = calibration;
    this.machine = machine;
    this.target = Target.named(recipe.target());
    this.holdsOut = Drift.of(recipe).filter(Drift::automatic).isPresent();
    this.streams = Drift.of(recipe).isPresent() ? 2 : 1;
    this.refine = recipe.refine();
    this.folds = Folds.wanted(recipe);
    this.fedBlocks =
        recipe.method().equals(new Full().name())
            && steps.stream().anyMatch(s -> s instanceof Step.Quantize q && q.blocks());
  }

  Estimate estimate() {
    double flops = flops();
    double bytes = steps.stream().mapToLong(s -> s.sourceBytes() + s.outputBytes()).sum();
    double seconds =
        flops / (machine.flopsPerSecond() * machine.threads() * EFFICIENCY)
            + bytes / BYTES_PER_SECOND;
    return new Estimate(peakMemory(), disk(), seconds, flops, machine.flopsPerSecond());
  }

  /// Widest input of each input group of the widest block.
  private Map<String, Integer> inputGroups() {
    Map<String, Integer> widths = new HashMap<>();
    for (ModelSpec.Linear l : quantized()) {
      widths.merge(l.inputGroup(), l.in(), Math::max);
    }
    return widths;
  }

  private List<ModelSpec.Linear> quantized() {
    List<ModelSpec.Linear> out = new ArrayList<>();
    for (Step s : steps) {
      if (s instanceof Step.Quantize q) {
        out.add(q.linear());
      }
    }
    return out;
  }

  private long peakMemory() {
    long widest = quantized().stream().mapToLong(ModelSpec.Linear::in).max().orElse(0);
    // Masks, and a copy of one group, which may be the whole row, while they are chosen.
    // Blocks of ggml: weights twice, moved, rounded and changed ones, codes and scales.
    boolean more =
        fedBlocks || steps.stream().anyMatch(s -> s instanceof Step.Quantize q && q.sparse());
    int panels = more ? 7 : 4;
    long tiles = 4L * machine.threads() * Tiling.ROWS * widest * panels;
    if (calibration.isEmpty()) {
      return BASE_BYTES + tiles;
    }
    long widestInput =
        inputGroups().values().stream().mapToLong(Integer::longValue).max().orElse(0);
    long square = widestInput * widestInput;
    long hessian = 8 * square;
    // The cross sums and the fp64 factor they are solved with; both are gone before the fp32
    // factor of a solver is made, when the fp32 correction is still there. Tokens that are kept
    // back have sums of their own. Refinement inside blocks keeps H itself beside its factor.
    int ofSolver = fedBlocks ? 8 : 4;
    int ofDrift = holdsOut ? 32 : 16;
    long factor = (streams == 1 ? ofSolver : ofDrift) * square;
    long wide = spec.linears().stream().mapToLong(l -> Math.max(l.in(), l.out())).max().orElse(0);
    long rows = Math.max(Tiling.MICRO_BATCH, calibration.get().seqLen());
    long activations = 4 * rows * (6L * spec.hidden() + 3 * wide);
    return BASE_BYTES
        + machine.threads() * WORK_BYTES
        + tiles
        + hessian
        + factor
        + streams * activations
        + (folds ? Math.max(0, choiceOfFolds(widestInput) - hessian - factor) + widestBlock() : 0);
  }

  /// The statistics of both halves of the tokens, and trials, side by side while they are small.
  private long choiceOfFolds(long cols) {
    long trial = Folds.trialBytes(cols);
    long together = Math.min(machine.threads() * trial, Folds.TRIAL_BYTES);
    return 2 * 8 * cols * cols + Math.max(trial, together);
  }

  /// What of a folded block is kept: all of it at most, in the source's type.
  private long widestBlock() {
    Map<Integer, Long> blocks = new HashMap<>();
    for (Step s : steps) {
      if (s instanceof Step.Quantize q) {
        blocks.merge(q.linear().id().layer(), q.sourceBytes(), Long::sum);
      }
    }
    return blocks.values().stream().mapToLong(Long::longValue).max().orElse(0);
  }

  private long disk() {
    long out = steps.stream().mapToLong(Step::outputBytes).sum();
    long width = spec.hidden() + frameWidths();
    long stream = calibration.map(c -> 4L * c.tokens() * width * streams).orElse(0L);
    long shards = out / target.maxShardBytes() + 1;
    return out + stream + (shards << 20);
  }

  /// The streams between stages: each width between a branch's stages that occurs, once.
  private long frameWidths() {
    Set<String> seen = new HashSet<>();
    long sum = 0;
    for (ModelSpec.Block b : spec.blocks()) {
      for (int branch = 0; branch < b.branches().size(); branch++) {
        List<List<ModelSpec.Linear>> stages = b.branches().get(branch).mixer().stages();
        for (int s = 1; s < stages.size(); s++) {
          int in = stages.get(s).getFirst().in();
          sum += seen.add(branch + "." + s + "." + in) ? in : 0;
        }
      }
    }
    return sum;
  }

  /// Passes over all columns: the first product, two over the codes and one over the scales each
  /// cycle, three at the end.
  private int refinedPasses() {
    return refine == 0 ? 0 : 1 + 3 * refine + 3;
  }

  private double flops() {
    double flops = 0;
    double tokens = calibration.map(CalibrationSet::tokens).orElse(0L);
    double tried = folds ? Math.min(Folds.TOKENS, tokens) : 0;
    Map<String, Boolean> seen = new HashMap<>();
    for (ModelSpec.Linear l : quantized()) {
      double weights = (double) l.out() * l.in();
      double d = l.in();
      flops += (streams * tokens + tried) * 2 * weights;
      if (calibration.isPresent()) {
        flops +=
            l.out()
                * d
                * d
                * ((fedBlocks ? FED_PASSES + 2 * refine : 1 + 2 * refinedPasses())
                    + (streams == 1 ? 0 : 4));
        if (seen.put(l.id().layer() + l.inputGroup(), true) == null) {
          flops += tokens * d * d + 2.0 / 3 * d * d * d;
          flops += folds ? tried * d * d + FOLD_TRIALS * (2.0 / 3 * d + Folds.ROWS) * d * d : 0;
          flops += streams == 1 ? 0 : 2 * tokens * d * d + 2.4 * d * d * d;
        }
      }
    }
    for (ModelSpec.Block b : spec.blocks()) {
      double context = calibration.map(CalibrationSet::seqLen).orElse(0);
      for (ModelSpec.Branch branch : b.branches()) {
        if (branch.mixer() instanceof Attention a) {
          flops += streams * tokens * 2 * context * a.heads().queryWidth();
        }
      }
    }
    return flops;
  }
}
