package io.metalmarlin.quant.job;

import io.metalmarlin.formats.model.Role;
import io.metalmarlin.formats.model.WeightId;
import io.metalmarlin.quant.calibrate.CollectedInput;
import io.metalmarlin.quant.calibrate.ExpertShrinkage;
import io.metalmarlin.quant.calibrate.InputStatistics;
import io.metalmarlin.quant.plan.Drift;
import io.metalmarlin.quant.plan.Plan;
import io.metalmarlin.quant.plan.Step;
import io.metalmarlin.quant.solve.Methods;
import io.metalmarlin.quant.solve.Solver;
import io.metalmarlin.runtime.backend.Backend;
import io.metalmarlin.runtime.blas.Workers;
import io.metalmarlin.runtime.decode.Decoder;
import io.metalmarlin.runtime.decode.Place;
import io.metalmarlin.runtime.model.ModelSpec;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// The loop of calibrated methods over one block: for each input group collect its statistics
/// behind everything that is already quantized, solve its linears, write them.
final class CalibratedBlocks implements AutoCloseable {
  // Sums of outer products of several inputs (of experts) that are collected in one pass.
  private static final long STATISTICS_BYTES = 256L << 20;

  private final ModelSpec spec;
  private final QuantizedPrefix prefix;
  private final Decoder decoder;
  private final Optional<Decoder> source;
  private final BlockCalibrator calibrator;
  private final BlockSolver solver;
  private final Workers workers;
  private final JobListener listener;
  private final Runnable stopIfCancelled;
  private final boolean feedback;

  CalibratedBlocks(
      Plan plan,
      Backend backend,
      Workers workers,
      PartialFolder partial,
      BlockSolver solver,
      JobListener listener,
      Runnable stopIfCancelled) {
    this.spec = plan.model().spec();
    this.prefix = new QuantizedPrefix(plan.model().weights(), partial.model());
    this.decoder = new Decoder(spec, prefix, backend);
    Optional<Drift> drift = Drift.of(plan.recipe());
    this.source = drift.map(d -> new Decoder(spec, plan.model().weights(), backend));
    this.calibrator =
        new BlockCalibrator(
            plan.calibration().orElseThrow(),
            decoder,
            source,
            drift.filter(Drift::automatic).isPresent(),
            workers,
            partial.scratch());
    this.solver = solver;
    this.workers = workers;
    this.listener = listener;
    this.stopIfCancelled = stopIfCancelled;
    this.feedback = Methods.of(plan.recipe().method()) instanceof Solver;
  }

  /// Embeds the calibration tokens and moves them behind the blocks an earlier run has finished.
  void start(List<List<Step.Quantize>> finished) {
    calibrator.embed();
    for (int b = 0; b < finished.size(); b++) {
      int block = b;
      listener.stage("replay");
      use(block, ids(finished.get(b)));
      calibrator.replay(
          block,
          done -> {
            listener.progress(block + done, finished.size());
            stopIfCancelled.run();
          });
    }
  }

  /// Solves and writes the linears of a block; the tokens then stand before its last stage.
  List<LayerReport> solve(int block, List<Step.Quantize> steps) {
    List<LayerReport> reports = new ArrayList<>();
    List<WeightId> written = new ArrayList<>();
    List<Place> places = Place.of(spec.blocks().get(block));
    for (int p = 0; p < places.size(); p++) {
      use(block, written);
      boolean arriving = true;
      for (List<String> groups : batches(places.get(p), steps)) {
        double before = (double) p / (places.size() + 1);
        List<String> where =
            groups.stream().map(g -> "block " + block + ", input of " + g).toList();
        List<CollectedInput> collected =
            calibrator.collect(
                places.get(p),
                groups,
                arriving,
                where,
                done -> tick(before + done / (places.size() + 1)));
        arriving = false;
        solve(groups, leaning(groups, collected, steps), steps, reports, written);
      }
    }
    use(block, written);
    return reports;
  }

  /// Experts that few tokens reached lean on the others of their layer, unless an encoder of ggml
  /// blocks wants their own statistics, as llama.cpp's tools give it to it.
  private List<CollectedInput> leaning(
      List<String> groups, List<CollectedInput> collected, List<Step.Quantize> steps) {
    List<CollectedInput> all = new ArrayList<>(collected);
    for (boolean down : List.of(false, true)) {
      Set<String> inputs =
          steps.stream()
              .filter(s -> s.linear().id().expert() != WeightId.SINGLE)
              .filter(s -> feedback || !s.blocks())
              .filter(s -> down == (s.linear().id().role() == Role.DOWN))
              .map(s -> s.linear().inputGroup())
              .collect(Collectors.toSet());
      List<Integer> places =
          IntStream.range(0, groups.size())
              .filter(g -> inputs.contains(groups.get(g)))
              .boxed()
              .toList();
      List<InputStatistics> experts =
          places.stream().map(g -> collected.get(g).statistics()).toList();
      List<Double> shares =
          down
              ? Collections.nCopies(experts.size(), 1.0)
              : ExpertShrinkage.shrink(experts, workers);
      List<InputStatistics> filled = ExpertShrinkage.withInputs(experts);
      for (int e = 0; e < places.size(); e++) {
        all.set(places.get(e), CollectedInput.of(filled.get(e), shares.get(e)));
      }
    }
    return all;
  }

  private void solve(
      List<String> groups,
      List<CollectedInput> collected,
      List<Step.Quantize> steps,
      List<LayerReport> reports,
      List<WeightId> written) {
    try {
      for (int g = 0; g < groups.size(); g++) {
        String group = groups.get(g);
        List<Step.Quantize> linears =
            steps.stream().filter(s -> s.linear().inputGroup().equals(group)).toList();
        if (!linears.isEmpty()) {
          reports.addAll(solver.solve(linears, collected.get(g), listener::weightDone));
          written.addAll(ids(linears));
        }
      }
    } finally {
      collected.forEach(CollectedInput::close);
    }
  }

  /// The input groups of a place that have anything to quantize, as many at once as
  /// [#STATISTICS_BYTES] hold; at least one batch, with which the tokens arrive.
  private static List<List<String>> batches(Place place, List<Step.Quantize> steps) {
    List<List<String>> batches = new ArrayList<>(List.of(new ArrayList<>()));
    Set<String> wanted =
        steps.stream().map(s -> s.linear().inputGroup()).collect(Collectors.toSet());
    long bytes = 0;
    for (String group : place.inputGroups()) {
      if (!wanted.contains(group)) {
        continue;
      }
      long in =
          place.linears().stream()
              .filter(l -> l.inputGroup().equals(group))
              .mapToLong(ModelSpec.Linear::in)
              .max()
              .orElseThrow();
      long size = Double.BYTES * in * in;
      if (bytes > 0 && bytes + size > STATISTICS_BYTES) {
        batches.add(new ArrayList<>());
        bytes = 0;
      }
      batches.getLast().add(group);
      bytes += size;
    }
    return batches;
  }

  /// Moves the tokens behind a solved block.
  void leave(int block) {
    calibrator.leave(block, done -> tick(0.8 + 0.2 * done));
    source.ifPresent(s -> s.reload(block));
  }

  private void use(int block, List<WeightId> written) {
    prefix.useWritten(written);
    decoder.reload(block);
  }

  private static List<WeightId> ids(List<Step.Quantize> steps) {
    return steps.stream().map(s -> s.linear().id()).toList();
  }

  private void tick(double done) {
    listener.progress(done, 1);
    stopIfCancelled.run();
  }

  @Override
  public void close() {
    calibrator.close();
    decoder.close();
    source.ifPresent(Decoder::close);
    prefix.close();
  }
}
