package io.metalmarlin.quant.job;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE_UNALIGNED;

import io.metalmarlin.formats.model.Activations;
import io.metalmarlin.formats.scheme.BlockPacking;
import io.metalmarlin.formats.scheme.ggml.BlockForm;
import io.metalmarlin.formats.scheme.trellis.TrellisPacking;
import io.metalmarlin.quant.calibrate.ArrayMemory;
import io.metalmarlin.quant.calibrate.InputStatistics;
import io.metalmarlin.quant.fold.FoldSite;
import io.metalmarlin.quant.fold.Smoothing;
import io.metalmarlin.quant.plan.Folds;
import io.metalmarlin.quant.plan.Recipe;
import io.metalmarlin.quant.plan.Step;
import io.metalmarlin.quant.transform.Transform;
import io.metalmarlin.quant.transform.Transforms;
import io.metalmarlin.runtime.blas.Workers;
import io.metalmarlin.runtime.model.Model;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Chooses what is folded into one input, and how it is transformed where the recipe leaves that
/// open, by what the recipe's solver makes of some rows of every linear that reads it: rounded with
/// statistics of some tokens, measured on those of others.
final class FoldChoice {
  private static final int LEAST_ROWS = 4;

  /// A fold has to be better by so much than none, a transform than the best before it: the
  /// measurement has an error too.
  private static final double GAIN = .98;

  private final Model model;
  private final Recipe recipe;
  private final Workers workers;

  FoldChoice(Model model, Recipe recipe, Workers workers) {
    this.model = model;
    this.recipe = recipe;
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

  /// What is tried, and what won.
  ///
  /// @param smoothing null for none
  /// @param exponents of the channels
  record Candidate(Transform transform, @Nullable Smoothing smoothing, int[] exponents) {}

  /// @param steps of the site's readers that are quantized
  /// @param solved statistics that are solved with; stay valid
  /// @param heldOut statistics of other tokens; likewise
  Candidate choose(
      FoldSite site, List<Step.Quantize> steps, InputStatistics solved, InputStatistics heldOut) {
    int rows = Math.max(LEAST_ROWS, Folds.ROWS / steps.size());
    List<FoldSample> samples =
        steps.stream().map(s -> FoldSample.of(model, s, rows, heldOut)).toList();
    List<Candidate> candidates = candidates(site, inputs(site, solved), columns(site, samples));
    if (candidates.size() == 1) {
      return candidates.getFirst();
    }
    FoldTrial trial = new FoldTrial(recipe, samples, solved, heldOut);
    double[] losses = losses(trial, candidates, site);
    int best = 0;
    double least = GAIN * losses[0];
    for (int c = 1; c < losses.length; c++) {
      if (candidates.get(c).smoothing() == null) {
        // The first of another transform.
        least = Math.min(least, GAIN * losses[best]);
      }
      if (losses[c] < least) {
        least = losses[c];
        best = c;
      }
    }
    return candidates.get(best);
  }

  /// Under each transform nothing first, then every smoothing that is not the same as one before
  /// it.
  private List<Candidate> candidates(FoldSite site, double[] inputs, double[] columns) {
    Map<List<Integer>, @Nullable Smoothing> different = new LinkedHashMap<>();
    different.put(Collections.nCopies(inputs.length, 0), null);
    if (!site.makers().isEmpty()) {
      for (Smoothing s : Smoothing.ALL) {
        List<Integer> exponents = Arrays.stream(s.exponents(inputs, columns)).boxed().toList();
        if (!different.containsKey(exponents)) {
          different.put(exponents, s);
        }
      }
    }
    List<Candidate> all = new ArrayList<>();
    for (Transform t : Transforms.candidates(recipe.transform(), site.channelOf().length)) {
      different.forEach((exponents, s) ->
          all.add(new Candidate(t, s, exponents.stream().mapToInt(e -> e).toArray())));
    }
    return all;
  }

  /// Side by side where they are small: parts of one share the work less well.
  private double[] losses(FoldTrial trial, List<Candidate> candidates, FoldSite site) {
    double[] losses = new double[candidates.size()];
    List<int[]> columns = candidates.stream().map(c -> site.columns(c.exponents())).toList();
    long together = workers.threads() * Folds.trialBytes(site.channelOf().length);
    if (together <= Folds.TRIAL_BYTES) {
      workers.run(
          losses.length,
          c -> {
            try (Workers alone = new Workers(1)) {
              losses[c] = trial.loss(candidates.get(c).transform(), columns.get(c), alone);
            }
          });
    } else {
      Arrays.setAll(
          losses, c -> trial.loss(candidates.get(c).transform(), columns.get(c), workers));
    }
    return losses;
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
  private static double[] columns(FoldSite site, List<FoldSample> samples) {
    double[] squares = new double[site.channels()];
    for (FoldSample s : samples) {
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
}
