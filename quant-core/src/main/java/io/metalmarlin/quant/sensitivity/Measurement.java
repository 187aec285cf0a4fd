package io.metalmarlin.quant.sensitivity;

import io.metalmarlin.quant.calibrate.CalibrationSet;
import io.metalmarlin.quant.job.LayerReport;
import io.metalmarlin.quant.job.Trial;
import io.metalmarlin.quant.plan.Planner;
import io.metalmarlin.quant.plan.Recipe;
import io.metalmarlin.quant.plan.SchemeRule;
import io.metalmarlin.quant.plan.Step;
import io.metalmarlin.quant.sensitivity.Sensitivities.Cost;
import io.metalmarlin.quant.sensitivity.Sensitivities.UnitCosts;
import io.metalmarlin.runtime.backend.Backend;
import io.metalmarlin.runtime.backend.Backends;
import io.metalmarlin.runtime.blas.Workers;
import io.metalmarlin.runtime.decode.Decoder;
import io.metalmarlin.runtime.eval.SuffixDivergence;
import io.metalmarlin.runtime.load.Models;
import io.metalmarlin.runtime.model.Model;
import io.metalmarlin.runtime.model.ModelSpec.Linear;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.function.BooleanSupplier;

/// Measures [Sensitivities]: block by block, each unit under each scheme alone, from the kept state
/// before the block to the output.
public final class Measurement {
  private final Model model;
  private final SequencedMap<String, Recipe> recipes;
  private final CalibrationSet tokens;
  private final boolean fast;
  private final int threads;
  private final Progress progress;
  private final BooleanSupplier cancelled;

  /// Told what is done.
  public interface Progress {
    /// @param done trials of `all`
    void trials(int done, int all);
  }

  /// @param recipes one for each scheme by the name that reports use, all for one target and with a
  ///   method that needs no statistics, ordered by bits
  /// @param tokens windows of at least 4 tokens
  /// @param fast whether only the middle scheme is measured and the others follow from how much
  ///   their rounding moves the weights
  public Measurement(
      Model model,
      SequencedMap<String, Recipe> recipes,
      CalibrationSet tokens,
      boolean fast,
      int threads,
      Progress progress,
      BooleanSupplier cancelled) {
    this.model = Models.expertsApart(model);
    this.recipes = recipes;
    this.tokens = tokens;
    this.fast = fast;
    this.threads = threads;
    this.progress = progress;
    this.cancelled = cancelled;
  }

  /// @param name what the user called the model
  /// @throws Stopped when cancelled
  public Sensitivities run(String name) {
    long start = System.nanoTime();
    Recipe any = recipes.firstEntry().getValue();
    String base = new ArrayList<>(recipes.keySet()).get(recipes.size() / 2);
    Map<String, Map<Linear, Step.Quantize>> steps = new LinkedHashMap<>();
    recipes.forEach((scheme, recipe) -> {
      Map<Linear, Step.Quantize> of = new HashMap<>();
      Planner.quantized(model, recipe).forEach(s -> of.put(s.linear(), s));
      steps.put(scheme, of);
    });
    List<Unit> units = Unit.rounded(model, recipes.get(base));
    List<UnitCosts> costs = new ArrayList<>();
    Replaced weights = new Replaced(model.weights());
    try (Workers workers = new Workers(threads);
        Backend backend = Backends.open("cpu", threads);
        Decoder decoder = new Decoder(model.spec(), weights, backend);
        SuffixDivergence divergence =
            new SuffixDivergence(decoder, tokens.windows(), workers, this::stopIfCancelled)) {
      int all = units.size() * recipes.size();
      int block = 0;
      for (Unit unit : units) {
        for (; block < unit.layer(); block++) {
          divergence.advance(this::stopIfCancelled);
        }
        List<Cost> own = new ArrayList<>();
        for (String scheme : recipes.keySet()) {
          List<Step.Quantize> of =
              unit.linears().stream().map(l -> steps.get(scheme).get(l)).toList();
          boolean measured = !fast || scheme.equals(base);
          try (Trial trial = new Trial(model, recipes.get(scheme), of, workers)) {
            double kld = Double.NaN;
            if (measured) {
              weights.with(trial.matrices());
              decoder.reload(block);
              kld = divergence.measure(this::stopIfCancelled).mean();
              weights.with(Map.of());
              decoder.reload(block);
            }
            own.add(cost(scheme, of, trial.reports(), kld, measured));
          }
          stopIfCancelled();
          progress.trials(costs.size() * recipes.size() + own.size(), all);
        }
        own.add(source(steps.get(base), unit));
        costs.add(costs(unit, own));
      }
    }
    Proxy proxy = new Proxy(base);
    return new Sensitivities(
        Sensitivities.SCHEMA,
        name,
        any.target(),
        any.method(),
        tokens.dataset(),
        tokens.sha256(),
        tokens.samples(),
        tokens.seqLen(),
        fast ? Sensitivities.FAST : Sensitivities.MEASURED,
        base,
        List.copyOf(recipes.keySet()),
        fast ? costs.stream().map(proxy::fill).toList() : costs,
        fast ? null : proxy.rankCorrelation(costs),
        (System.nanoTime() - start) / 1e9);
  }

  private UnitCosts costs(Unit unit, List<Cost> own) {
    List<String> patterns =
        unit.linears().stream()
            .map(l -> SchemeRule.pattern(l, model.spec().module(l)))
            .distinct()
            .toList();
    long weights = unit.linears().stream().mapToLong(l -> (long) l.out() * l.in()).sum();
    return new UnitCosts(unit.name(), unit.layer(), patterns, weights, own);
  }

  /// What leaving the unit as it is costs.
  private static Cost source(Map<Linear, Step.Quantize> steps, Unit unit) {
    long bytes = unit.linears().stream().mapToLong(l -> steps.get(l).sourceBytes()).sum();
    return new Cost(SchemeRule.SOURCE, bytes, 8.0 * bytes, 0, 0, true);
  }

  private static Cost cost(
      String scheme,
      List<Step.Quantize> steps,
      List<LayerReport> reports,
      double kld,
      boolean measured) {
    long bytes = steps.stream().mapToLong(Step::outputBytes).sum();
    double bits = 0;
    double error = 0;
    double weights = 0;
    for (LayerReport r : reports) {
      double n = (double) r.rows() * r.cols();
      bits += r.bitsPerWeight() * n;
      error += r.relativeError() * n;
      weights += n;
    }
    return new Cost(scheme, bytes, bits, error / weights, kld, measured);
  }

  private void stopIfCancelled() {
    if (cancelled.getAsBoolean()) {
      throw new Stopped();
    }
  }
}
